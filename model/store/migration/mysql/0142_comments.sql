-- +goose Up
ALTER TABLE comments
    ADD COLUMN answer_to VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN label INT NOT NULL DEFAULT 0,
    ADD COLUMN reports INT NOT NULL DEFAULT 0,
    ADD KEY comments_reported (reports, created_at, id);
