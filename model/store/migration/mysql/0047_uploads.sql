-- +goose Up
CREATE TABLE uploads (
    id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(120) NOT NULL,
    mime VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    size BIGINT NOT NULL,
    sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    blob_key VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    width INT NOT NULL,
    height INT NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY uploads_owner (owner_id, created_at),
    KEY uploads_age (created_at, id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
