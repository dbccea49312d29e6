-- +goose Up
CREATE TABLE audit_entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at DATETIME NOT NULL,
    actor_id VARCHAR(36) NOT NULL,
    action VARCHAR(50) NOT NULL,
    object VARCHAR(100) NOT NULL,
    org_id VARCHAR(36) NOT NULL,
    detail TEXT NULL,
    request_id VARCHAR(64) NOT NULL
);
CREATE INDEX audit_actor ON audit_entries (actor_id, id);
CREATE INDEX audit_action ON audit_entries (action, id);
CREATE INDEX audit_object ON audit_entries (object, id);
