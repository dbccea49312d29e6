-- +goose Up
CREATE TABLE handovers (
    id VARCHAR(36) NOT NULL,
    org_id VARCHAR(36) NOT NULL,
    org_path VARCHAR(255) NOT NULL,
    from_id VARCHAR(36) NOT NULL DEFAULT '',
    to_id VARCHAR(36) NOT NULL,
    note VARCHAR(1000) NOT NULL DEFAULT '',
    state VARCHAR(16) NOT NULL,
    open_key VARCHAR(36) NULL,
    started_by VARCHAR(36) NOT NULL DEFAULT '',
    from_confirmed_at DATETIME NULL,
    from_confirmed_by VARCHAR(36) NOT NULL DEFAULT '',
    from_reason VARCHAR(1000) NOT NULL DEFAULT '',
    to_confirmed_at DATETIME NULL,
    ended_at DATETIME NULL,
    ended_by VARCHAR(36) NOT NULL DEFAULT '',
    end_reason VARCHAR(1000) NOT NULL DEFAULT '',
    expires_at DATETIME NOT NULL,
    package TEXT NULL,
    version INT NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX handovers_open ON handovers (open_key);
CREATE INDEX handovers_org ON handovers (org_id, id);
CREATE INDEX handovers_expiry ON handovers (state, expires_at);
