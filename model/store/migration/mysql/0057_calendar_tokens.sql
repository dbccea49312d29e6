-- +goose Up
CREATE TABLE calendar_tokens (
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (member_id),
    UNIQUE KEY calendar_tokens_hash (hash)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
