-- +goose Up
CREATE TABLE consent_notices (
    version VARCHAR(20) NOT NULL,
    title VARCHAR(100) NOT NULL,
    body_html TEXT NOT NULL,
    asks_again TINYINT(1) NOT NULL,
    holds_from DATETIME NOT NULL,
    created_by VARCHAR(36) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (version)
);
CREATE INDEX consent_notices_from ON consent_notices (holds_from);
