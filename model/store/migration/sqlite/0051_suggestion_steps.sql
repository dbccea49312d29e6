-- +goose Up
CREATE TABLE suggestion_steps (
    suggestion_id VARCHAR(36) NOT NULL,
    seq INT NOT NULL,
    action VARCHAR(20) NOT NULL,
    by_id VARCHAR(36) NOT NULL,
    by_role VARCHAR(50) NOT NULL,
    assignee_id VARCHAR(36) NOT NULL,
    org_id VARCHAR(36) NOT NULL,
    note TEXT NOT NULL,
    at DATETIME NOT NULL,
    PRIMARY KEY (suggestion_id, seq)
);
