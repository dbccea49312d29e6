-- +goose Up
ALTER TABLE credentials ADD COLUMN disabled_at DATETIME NULL;
ALTER TABLE credentials ADD COLUMN setup_hash VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN setup_expires_at DATETIME NULL;
ALTER TABLE credentials ADD COLUMN created_by VARCHAR(36) NOT NULL DEFAULT '';
CREATE INDEX credentials_setup ON credentials (setup_hash);
