-- +goose Up
CREATE TABLE second_factors (
    username VARCHAR(50) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    secret_cipher BLOB NOT NULL,
    secret_key_id VARCHAR(20) NOT NULL,
    last_step BIGINT NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (username)
);
CREATE INDEX second_factors_member ON second_factors (member_id);
