-- +goose Up
ALTER TABLE reminders ADD COLUMN wake_at DATETIME(3) NULL;
