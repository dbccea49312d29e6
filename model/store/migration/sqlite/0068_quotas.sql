-- +goose Up
CREATE TABLE quotas (
    openid VARCHAR(64) NOT NULL,
    template_id VARCHAR(64) NOT NULL,
    kind VARCHAR(10) NOT NULL,
    granted INT NOT NULL,
    available INT NOT NULL,
    reserved INT NOT NULL,
    spent INT NOT NULL,
    void INT NOT NULL,
    in_doubt INT NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (openid, template_id)
);
