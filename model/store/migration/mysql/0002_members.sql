-- +goose Up
CREATE TABLE members (
    id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(50) NOT NULL,
    name_sort VARCHAR(200) NOT NULL,
    phone_cipher VARBINARY(255) NULL,
    phone_key_id VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    phone_index VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    phone_mask VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    party_status VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    employer VARCHAR(100) NOT NULL,
    title VARCHAR(50) NOT NULL,
    consent_version VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    consent_at DATETIME(3) NULL,
    erased_at DATETIME(3) NULL,
    version INT NOT NULL,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY members_phone (phone_index)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
