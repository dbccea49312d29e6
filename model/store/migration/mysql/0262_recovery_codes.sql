-- +goose Up
CREATE TABLE recovery_codes (
    hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    username VARCHAR(50) NOT NULL,
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    used_at DATETIME(3) NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (hash),
    KEY recovery_codes_username (username),
    KEY recovery_codes_member (member_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
