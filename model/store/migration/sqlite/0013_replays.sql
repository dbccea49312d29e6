-- +goose Up
CREATE TABLE replays (
    caller VARCHAR(64) NOT NULL,
    idem_key VARCHAR(128) NOT NULL,
    hash VARCHAR(64) NOT NULL,
    status INT NOT NULL,
    header TEXT NULL,
    body BLOB NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (caller, idem_key)
);
CREATE INDEX replays_created ON replays (created_at);
