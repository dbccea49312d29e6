-- +goose Up
CREATE TABLE push_gates (
    name VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    until DATETIME(3) NOT NULL,
    why VARCHAR(300) NOT NULL,
    slot BIGINT NOT NULL,
    taken INT NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    PRIMARY KEY (name)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
