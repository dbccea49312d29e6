-- +goose Up
ALTER TABLE comments ADD COLUMN answer_to VARCHAR(36) NOT NULL DEFAULT '';
ALTER TABLE comments ADD COLUMN label INT NOT NULL DEFAULT 0;
ALTER TABLE comments ADD COLUMN reports INT NOT NULL DEFAULT 0;
CREATE INDEX comments_reported ON comments (reports, created_at, id);
