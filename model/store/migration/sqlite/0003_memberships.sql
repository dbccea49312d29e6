-- +goose Up
CREATE TABLE memberships (
    id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    org_id VARCHAR(36) NOT NULL,
    org_path VARCHAR(255) NOT NULL,
    joined_on VARCHAR(10) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX memberships_member_org ON memberships (member_id, org_id);
CREATE INDEX memberships_path ON memberships (org_path, member_id);
