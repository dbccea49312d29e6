-- +goose Up
ALTER TABLE credentials
    ADD COLUMN disabled_at DATETIME(3) NULL,
    ADD COLUMN setup_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN setup_expires_at DATETIME(3) NULL,
    ADD COLUMN created_by VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD KEY credentials_setup (setup_hash);
