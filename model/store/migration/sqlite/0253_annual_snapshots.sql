-- +goose Up
CREATE TABLE annual_snapshots (
    id VARCHAR(36) NOT NULL,
    org_id VARCHAR(36) NOT NULL,
    year INT NOT NULL,
    seq INT NOT NULL,
    body TEXT NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    frozen_by VARCHAR(36) NOT NULL DEFAULT '',
    frozen_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX annual_snapshots_order ON annual_snapshots (org_id, year, seq);
