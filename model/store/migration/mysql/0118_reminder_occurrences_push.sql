-- +goose Up
ALTER TABLE reminder_occurrences ADD COLUMN push_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
