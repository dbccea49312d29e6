-- +goose Up
ALTER TABLE audit_entries ADD COLUMN nonce VARCHAR(16) NOT NULL DEFAULT '';
ALTER TABLE audit_entries ADD COLUMN mac VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE audit_entries ADD COLUMN block_no BIGINT NULL;
CREATE INDEX audit_block ON audit_entries (block_no, id);
