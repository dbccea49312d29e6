-- +goose Up
CREATE TABLE grants (
    id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    org_id VARCHAR(36) NOT NULL,
    org_path VARCHAR(255) NOT NULL,
    role VARCHAR(20) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX grants_member_org_role ON grants (member_id, org_id, role);
CREATE INDEX grants_path ON grants (org_path, role);
