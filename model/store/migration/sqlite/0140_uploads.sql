-- +goose Up
ALTER TABLE uploads ADD COLUMN disclosure VARCHAR(12) NOT NULL DEFAULT '';
ALTER TABLE uploads ADD COLUMN thumbs TEXT NULL;
ALTER TABLE uploads ADD COLUMN media VARCHAR(12) NOT NULL DEFAULT '';
ALTER TABLE uploads ADD COLUMN media_trace VARCHAR(100) NOT NULL DEFAULT '';
ALTER TABLE uploads ADD COLUMN media_label INT NOT NULL DEFAULT 0;
ALTER TABLE uploads ADD COLUMN media_tries INT NOT NULL DEFAULT 0;
ALTER TABLE uploads ADD COLUMN media_asked INT NOT NULL DEFAULT 0;
ALTER TABLE uploads ADD COLUMN media_due DATETIME NULL;
ALTER TABLE uploads ADD COLUMN media_held VARCHAR(20) NOT NULL DEFAULT '';
ALTER TABLE uploads ADD COLUMN media_reason VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE uploads ADD COLUMN moderator_id VARCHAR(36) NOT NULL DEFAULT '';
ALTER TABLE uploads ADD COLUMN moderated_at DATETIME NULL;
CREATE INDEX uploads_trace ON uploads (media_trace);
CREATE INDEX uploads_media ON uploads (media, media_due);
CREATE INDEX uploads_held ON uploads (media, created_at, id);
