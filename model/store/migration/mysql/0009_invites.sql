-- +goose Up
CREATE TABLE invites (
    id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    code_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    org_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_by VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    uses INT NOT NULL,
    max_uses INT NOT NULL,
    expires_at DATETIME(3) NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY invites_code (code_hash)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
