-- +goose Up
DROP INDEX reminders_due;
