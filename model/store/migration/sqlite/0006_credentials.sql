-- +goose Up
CREATE TABLE credentials (
    username VARCHAR(50) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    password_hash VARCHAR(200) NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (username)
);
CREATE INDEX credentials_member ON credentials (member_id);
