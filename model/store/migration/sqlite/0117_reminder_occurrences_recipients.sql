-- +goose Up
ALTER TABLE reminder_occurrences ADD COLUMN recipients INT NULL;
