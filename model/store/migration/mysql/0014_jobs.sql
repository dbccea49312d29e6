-- +goose Up
CREATE TABLE jobs (
    name VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    lease_until DATETIME(3) NOT NULL,
    next_at DATETIME(3) NOT NULL,
    last_at DATETIME(3) NULL,
    last_error TEXT NOT NULL,
    PRIMARY KEY (name)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
