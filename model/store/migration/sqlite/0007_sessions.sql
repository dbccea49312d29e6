-- +goose Up
CREATE TABLE sessions (
    id VARCHAR(36) NOT NULL,
    identity_id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    device VARCHAR(200) NOT NULL,
    created_at DATETIME NOT NULL,
    last_seen_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    revoked_at DATETIME NULL,
    reason VARCHAR(20) NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX sessions_member ON sessions (member_id, created_at);
CREATE INDEX sessions_identity ON sessions (identity_id);
CREATE INDEX sessions_expires ON sessions (expires_at);
