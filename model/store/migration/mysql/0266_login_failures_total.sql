-- +goose Up
ALTER TABLE login_failures ADD COLUMN total INT NOT NULL DEFAULT 0;
