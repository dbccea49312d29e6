-- +goose Up
CREATE TABLE actions (
    id VARCHAR(36) NOT NULL,
    meeting_id VARCHAR(36) NOT NULL,
    seq INT NOT NULL,
    meeting_type VARCHAR(20) NOT NULL,
    org_id VARCHAR(36) NOT NULL,
    org_path VARCHAR(255) NOT NULL,
    content TEXT NULL,
    owner_id VARCHAR(36) NOT NULL,
    first_owner_id VARCHAR(36) NOT NULL,
    due_on VARCHAR(10) NOT NULL,
    state VARCHAR(20) NOT NULL,
    step INT NOT NULL,
    closing TEXT NULL,
    closed_by VARCHAR(36) NOT NULL,
    closed_at DATETIME NULL,
    version INT NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX actions_resolution ON actions (meeting_id, seq);
CREATE INDEX actions_org ON actions (org_path, state, due_on);
CREATE INDEX actions_owner ON actions (owner_id, state);
CREATE INDEX actions_state ON actions (state, id);
