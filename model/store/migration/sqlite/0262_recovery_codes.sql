-- +goose Up
CREATE TABLE recovery_codes (
    hash VARCHAR(64) NOT NULL,
    username VARCHAR(50) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    used_at DATETIME NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (hash)
);
CREATE INDEX recovery_codes_username ON recovery_codes (username);
CREATE INDEX recovery_codes_member ON recovery_codes (member_id);
