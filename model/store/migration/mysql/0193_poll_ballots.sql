-- +goose Up
CREATE TABLE poll_ballots (
    poll_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    choice VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    options TEXT NULL,
    PRIMARY KEY (poll_id, member_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
