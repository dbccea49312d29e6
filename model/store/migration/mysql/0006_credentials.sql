-- +goose Up
CREATE TABLE credentials (
    username VARCHAR(50) NOT NULL,
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    password_hash VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    PRIMARY KEY (username),
    KEY credentials_member (member_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
