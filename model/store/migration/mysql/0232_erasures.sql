-- +goose Up
CREATE TABLE erasures (
    id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    cause VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    by_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    report TEXT NULL,
    erased_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY erasures_at (erased_at)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
