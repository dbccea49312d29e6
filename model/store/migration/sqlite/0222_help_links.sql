-- +goose Up
CREATE TABLE help_links (
    org_id VARCHAR(36) NOT NULL,
    helper_id VARCHAR(36) NOT NULL,
    note VARCHAR(500) NOT NULL,
    created_by VARCHAR(36) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (org_id)
);
