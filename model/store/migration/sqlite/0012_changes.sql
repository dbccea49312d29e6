-- +goose Up
CREATE TABLE changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    topic VARCHAR(20) NOT NULL,
    subject VARCHAR(64) NOT NULL,
    at DATETIME NOT NULL
);
CREATE INDEX changes_at ON changes (at);
