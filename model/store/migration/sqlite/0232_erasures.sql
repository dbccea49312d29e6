-- +goose Up
CREATE TABLE erasures (
    id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    cause VARCHAR(20) NOT NULL,
    by_id VARCHAR(36) NOT NULL,
    report TEXT NULL,
    erased_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX erasures_at ON erasures (erased_at);
