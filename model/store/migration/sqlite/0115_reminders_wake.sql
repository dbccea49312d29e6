-- +goose Up
ALTER TABLE reminders ADD COLUMN wake_at DATETIME NULL;
