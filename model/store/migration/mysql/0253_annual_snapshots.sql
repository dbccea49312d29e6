-- +goose Up
CREATE TABLE annual_snapshots (
    id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    org_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    year INT NOT NULL,
    seq INT NOT NULL,
    body MEDIUMTEXT NOT NULL,
    sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    frozen_by VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    frozen_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY annual_snapshots_order (org_id, year, seq)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
