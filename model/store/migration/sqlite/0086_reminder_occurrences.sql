-- +goose Up
CREATE TABLE reminder_occurrences (
    reminder_id VARCHAR(36) NOT NULL,
    planned_at DATETIME NOT NULL,
    state VARCHAR(10) NOT NULL,
    reason VARCHAR(300) NOT NULL,
    at DATETIME NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (reminder_id, planned_at)
);
