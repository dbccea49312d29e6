-- +goose Up
CREATE TABLE retention_runs (
    day VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    at DATETIME(3) NOT NULL,
    report TEXT NULL,
    PRIMARY KEY (day)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
