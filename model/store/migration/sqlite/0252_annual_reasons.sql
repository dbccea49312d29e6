-- +goose Up
CREATE TABLE annual_reasons (
    org_id VARCHAR(36) NOT NULL,
    year INT NOT NULL,
    item_key VARCHAR(160) NOT NULL,
    reason VARCHAR(800) NOT NULL,
    written_by VARCHAR(36) NOT NULL DEFAULT '',
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (org_id, year, item_key)
);
