-- +goose Up
CREATE TABLE suggestions (
    id VARCHAR(36) NOT NULL,
    to_org_id VARCHAR(36) NOT NULL,
    to_org_path VARCHAR(255) NOT NULL,
    org_id VARCHAR(36) NOT NULL,
    org_path VARCHAR(255) NOT NULL,
    title VARCHAR(200) NOT NULL,
    content TEXT NOT NULL,
    anonymous TINYINT(1) NOT NULL,
    author_id VARCHAR(36) NOT NULL,
    author_org_id VARCHAR(36) NOT NULL,
    author_sealed BLOB NULL,
    author_key_id VARCHAR(16) NOT NULL,
    author_index VARCHAR(64) NOT NULL,
    attachment_ids TEXT NULL,
    state VARCHAR(20) NOT NULL,
    state_at DATETIME NOT NULL,
    assignee_id VARCHAR(36) NOT NULL,
    clock_at DATETIME NOT NULL,
    accept_days INT NOT NULL,
    reply_days INT NOT NULL,
    extend_days INT NOT NULL,
    accept_by DATETIME NOT NULL,
    reply_by DATETIME NOT NULL,
    extension_reason TEXT NOT NULL,
    reminded INT NOT NULL,
    reply TEXT NOT NULL,
    replied_at DATETIME NULL,
    rating_stars INT NOT NULL,
    rating_text TEXT NOT NULL,
    rated_at DATETIME NULL,
    version INT NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX suggestions_author ON suggestions (author_id, created_at);
CREATE INDEX suggestions_sealed ON suggestions (author_index, created_at);
CREATE INDEX suggestions_assignee ON suggestions (assignee_id, created_at);
CREATE INDEX suggestions_holder ON suggestions (org_path, created_at);
CREATE INDEX suggestions_state ON suggestions (state, id);
