-- +goose Up
CREATE TABLE login_failures (
    username VARCHAR(60) NOT NULL,
    failures INT NOT NULL,
    first_at DATETIME(3) NOT NULL,
    locked_until DATETIME(3) NOT NULL,
    PRIMARY KEY (username)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
