-- +goose Up
ALTER TABLE suggestion_steps ADD KEY suggestion_steps_at (at, suggestion_id);
