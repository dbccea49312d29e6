-- +goose Up
CREATE TABLE jobs (
    name VARCHAR(50) NOT NULL,
    owner VARCHAR(64) NOT NULL,
    lease_until DATETIME NOT NULL,
    next_at DATETIME NOT NULL,
    last_at DATETIME NULL,
    last_error TEXT NOT NULL,
    PRIMARY KEY (name)
);
