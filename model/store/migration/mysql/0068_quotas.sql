-- +goose Up
CREATE TABLE quotas (
    openid VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    template_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    granted INT NOT NULL,
    available INT NOT NULL,
    reserved INT NOT NULL,
    spent INT NOT NULL,
    void INT NOT NULL,
    in_doubt INT NOT NULL,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    PRIMARY KEY (openid, template_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
