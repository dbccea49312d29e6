-- +goose Up
CREATE TABLE article_imports (
    source VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    article_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    digest VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (source)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
