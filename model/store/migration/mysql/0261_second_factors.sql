-- +goose Up
CREATE TABLE second_factors (
    username VARCHAR(50) NOT NULL,
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    secret_cipher VARBINARY(255) NOT NULL,
    secret_key_id VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    last_step BIGINT NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (username),
    KEY second_factors_member (member_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
