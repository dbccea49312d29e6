-- +goose Up
ALTER TABLE uploads
    ADD COLUMN disclosure VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN thumbs TEXT NULL,
    ADD COLUMN media VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN media_trace VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN media_label INT NOT NULL DEFAULT 0,
    ADD COLUMN media_tries INT NOT NULL DEFAULT 0,
    ADD COLUMN media_asked INT NOT NULL DEFAULT 0,
    ADD COLUMN media_due DATETIME(3) NULL,
    ADD COLUMN media_held VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN media_reason VARCHAR(200) NOT NULL DEFAULT '',
    ADD COLUMN moderator_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN moderated_at DATETIME(3) NULL,
    ADD KEY uploads_trace (media_trace),
    ADD KEY uploads_media (media, media_due),
    ADD KEY uploads_held (media, created_at, id);
