-- +goose Up
CREATE TABLE annual_reasons (
    org_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    year INT NOT NULL,
    item_key VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(800) NOT NULL,
    written_by VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    updated_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, year, item_key)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
