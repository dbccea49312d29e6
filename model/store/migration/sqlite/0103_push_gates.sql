-- +goose Up
CREATE TABLE push_gates (
    name VARCHAR(120) NOT NULL,
    until DATETIME NOT NULL,
    why VARCHAR(300) NOT NULL,
    slot BIGINT NOT NULL,
    taken INT NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (name)
);
