-- +goose Up
CREATE TABLE invites (
    id VARCHAR(36) NOT NULL,
    code_hash VARCHAR(64) NOT NULL,
    org_id VARCHAR(36) NOT NULL,
    created_by VARCHAR(36) NOT NULL,
    uses INT NOT NULL,
    max_uses INT NOT NULL,
    expires_at DATETIME NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX invites_code ON invites (code_hash);
