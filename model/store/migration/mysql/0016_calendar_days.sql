-- +goose Up
CREATE TABLE calendar_days (
    day VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(50) NOT NULL,
    PRIMARY KEY (day)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
