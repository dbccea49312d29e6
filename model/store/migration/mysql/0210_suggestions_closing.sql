-- +goose Up
ALTER TABLE suggestions
    ADD COLUMN merged_into VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN publication VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN public_title VARCHAR(200) NOT NULL DEFAULT '',
    ADD COLUMN public_question TEXT NULL,
    ADD COLUMN public_answer TEXT NULL,
    ADD COLUMN public_at DATETIME(3) NULL,
    ADD COLUMN hushed INT NOT NULL DEFAULT 0,
    ADD COLUMN hush_until DATETIME(3) NULL,
    ADD COLUMN tell_at DATETIME(3) NULL,
    ADD KEY suggestions_merged (merged_into),
    ADD KEY suggestions_public (publication, public_at),
    ADD KEY suggestions_hushed (hush_until),
    ADD KEY suggestions_tell (tell_at);
