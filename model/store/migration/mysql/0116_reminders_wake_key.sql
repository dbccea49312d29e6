-- +goose Up
CREATE INDEX reminders_wake ON reminders (wake_at);
