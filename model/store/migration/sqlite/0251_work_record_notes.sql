-- +goose Up
CREATE TABLE work_record_notes (
    org_id VARCHAR(36) NOT NULL,
    period VARCHAR(16) NOT NULL,
    text VARCHAR(800) NOT NULL,
    written_by VARCHAR(36) NOT NULL DEFAULT '',
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (org_id, period)
);
