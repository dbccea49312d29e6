-- +goose Up
CREATE TABLE reminders (
    id VARCHAR(36) NOT NULL,
    org_id VARCHAR(36) NOT NULL,
    name VARCHAR(100) NOT NULL,
    rule VARCHAR(255) NOT NULL,
    starts_on VARCHAR(10) NOT NULL,
    at VARCHAR(5) NOT NULL,
    only_after_hours TINYINT(1) NOT NULL,
    skip_holidays TINYINT(1) NOT NULL,
    audience TEXT NULL,
    template VARCHAR(20) NOT NULL,
    title VARCHAR(200) NOT NULL,
    note VARCHAR(400) NOT NULL,
    article_id VARCHAR(36) NOT NULL,
    paused TINYINT(1) NOT NULL,
    next_planned DATETIME NULL,
    next_at DATETIME NULL,
    created_by VARCHAR(36) NOT NULL,
    version INT NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX reminders_org ON reminders (org_id);
CREATE INDEX reminders_due ON reminders (next_at);
