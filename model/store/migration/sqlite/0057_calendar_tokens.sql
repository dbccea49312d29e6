-- +goose Up
CREATE TABLE calendar_tokens (
    member_id VARCHAR(36) NOT NULL,
    hash VARCHAR(64) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (member_id)
);
CREATE UNIQUE INDEX calendar_tokens_hash ON calendar_tokens (hash);
