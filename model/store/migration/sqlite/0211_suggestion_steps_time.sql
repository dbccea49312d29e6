-- +goose Up
CREATE INDEX suggestion_steps_at ON suggestion_steps (at, suggestion_id);
