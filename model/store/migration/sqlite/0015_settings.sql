-- +goose Up
CREATE TABLE settings (
    name VARCHAR(100) NOT NULL,
    value TEXT NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (name)
);
