-- +goose Up
CREATE TABLE retention_runs (
    day VARCHAR(10) NOT NULL,
    at DATETIME NOT NULL,
    report TEXT NULL,
    PRIMARY KEY (day)
);
