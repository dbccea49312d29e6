-- +goose Up
CREATE TABLE work_record_notes (
    org_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    period VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    text VARCHAR(800) NOT NULL,
    written_by VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    updated_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, period)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
