-- +goose Up
CREATE TABLE audit_blocks (
    number BIGINT NOT NULL,
    sealed_at DATETIME NOT NULL,
    entries INT NOT NULL,
    first_id BIGINT NOT NULL,
    last_id BIGINT NOT NULL,
    roll BLOB NULL,
    roll_hash VARCHAR(64) NOT NULL,
    prev_hash VARCHAR(64) NOT NULL,
    key_id VARCHAR(16) NOT NULL,
    hash VARCHAR(64) NOT NULL,
    pruned_at DATETIME NULL,
    pruned_mac VARCHAR(64) NOT NULL,
    PRIMARY KEY (number)
);
CREATE INDEX audit_blocks_sealed ON audit_blocks (sealed_at);
