-- +goose Up
CREATE TABLE tokens (
    hash VARCHAR(64) NOT NULL,
    session_id VARCHAR(36) NOT NULL,
    refresh TINYINT(1) NOT NULL,
    expires_at DATETIME NOT NULL,
    used_at DATETIME NULL,
    PRIMARY KEY (hash)
);
CREATE INDEX tokens_session ON tokens (session_id);
CREATE INDEX tokens_expires ON tokens (expires_at);
