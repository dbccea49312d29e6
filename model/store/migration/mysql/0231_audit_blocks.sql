-- +goose Up
CREATE TABLE audit_blocks (
    number BIGINT NOT NULL,
    sealed_at DATETIME(3) NOT NULL,
    entries INT NOT NULL,
    first_id BIGINT NOT NULL,
    last_id BIGINT NOT NULL,
    roll MEDIUMBLOB NULL,
    roll_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    prev_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    key_id VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    pruned_at DATETIME(3) NULL,
    pruned_mac VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (number),
    KEY audit_blocks_sealed (sealed_at)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
