-- +goose Up
CREATE TABLE pushes (
    id VARCHAR(36) NOT NULL,
    org_id VARCHAR(36) NOT NULL,
    org_path VARCHAR(255) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    title VARCHAR(200) NOT NULL,
    body TEXT NOT NULL,
    fields TEXT NULL,
    page VARCHAR(300) NOT NULL,
    audience TEXT NULL,
    hours VARCHAR(10) NOT NULL,
    reason VARCHAR(200) NOT NULL,
    counted TINYINT(1) NOT NULL,
    private TINYINT(1) NOT NULL,
    subject VARCHAR(80) NOT NULL,
    dedupe_key VARCHAR(190) NULL,
    send_at DATETIME NOT NULL,
    expires_at DATETIME NULL,
    state VARCHAR(12) NOT NULL,
    created_by VARCHAR(36) NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    recipients INT NOT NULL,
    expand_cursor VARCHAR(36) NOT NULL,
    expanded_at DATETIME NULL,
    stop_reason VARCHAR(200) NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX pushes_dedupe ON pushes (dedupe_key);
CREATE INDEX pushes_due ON pushes (state, send_at);
CREATE INDEX pushes_org ON pushes (org_path, id);
CREATE INDEX pushes_subject ON pushes (subject);
