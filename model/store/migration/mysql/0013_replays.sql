-- +goose Up
CREATE TABLE replays (
    caller VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    idem_key VARCHAR(128) NOT NULL,
    hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status INT NOT NULL,
    header TEXT NULL,
    body MEDIUMBLOB NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (caller, idem_key),
    KEY replays_created (created_at)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
