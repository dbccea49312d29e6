-- +goose Up
CREATE TABLE members (
    id VARCHAR(36) NOT NULL,
    name VARCHAR(50) NOT NULL,
    name_sort VARCHAR(200) NOT NULL,
    phone_cipher BLOB NULL,
    phone_key_id VARCHAR(16) NOT NULL,
    phone_index VARCHAR(64) NULL,
    phone_mask VARCHAR(20) NOT NULL,
    party_status VARCHAR(20) NOT NULL,
    employer VARCHAR(100) NOT NULL,
    title VARCHAR(50) NOT NULL,
    consent_version VARCHAR(20) NOT NULL,
    consent_at DATETIME NULL,
    erased_at DATETIME NULL,
    version INT NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX members_phone ON members (phone_index);
