-- +goose Up
ALTER TABLE audit_entries
    ADD COLUMN nonce VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN mac VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN block_no BIGINT NULL,
    ADD KEY audit_block (block_no, id);
