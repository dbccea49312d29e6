-- +goose Up
ALTER TABLE suggestions ADD COLUMN merged_into VARCHAR(36) NOT NULL DEFAULT '';
ALTER TABLE suggestions ADD COLUMN publication VARCHAR(12) NOT NULL DEFAULT '';
ALTER TABLE suggestions ADD COLUMN public_title VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE suggestions ADD COLUMN public_question TEXT NULL;
ALTER TABLE suggestions ADD COLUMN public_answer TEXT NULL;
ALTER TABLE suggestions ADD COLUMN public_at DATETIME NULL;
ALTER TABLE suggestions ADD COLUMN hushed INT NOT NULL DEFAULT 0;
ALTER TABLE suggestions ADD COLUMN hush_until DATETIME NULL;
ALTER TABLE suggestions ADD COLUMN tell_at DATETIME NULL;
CREATE INDEX suggestions_merged ON suggestions (merged_into) WHERE merged_into <> '';
CREATE INDEX suggestions_public ON suggestions (publication, public_at);
CREATE INDEX suggestions_hushed ON suggestions (hush_until) WHERE hush_until IS NOT NULL;
CREATE INDEX suggestions_tell ON suggestions (tell_at) WHERE tell_at IS NOT NULL;
