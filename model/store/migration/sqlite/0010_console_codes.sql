-- +goose Up
CREATE TABLE console_codes (
    id VARCHAR(36) NOT NULL,
    state VARCHAR(20) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    device VARCHAR(200) NOT NULL,
    expires_at DATETIME NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX console_codes_expires ON console_codes (expires_at);
