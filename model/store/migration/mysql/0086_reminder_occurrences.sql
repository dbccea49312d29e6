-- +goose Up
CREATE TABLE reminder_occurrences (
    reminder_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    planned_at DATETIME(3) NOT NULL,
    state VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(300) NOT NULL,
    at DATETIME(3) NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (reminder_id, planned_at)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
