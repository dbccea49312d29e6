-- +goose Up
CREATE TABLE meetings (
    id VARCHAR(36) NOT NULL,
    org_id VARCHAR(36) NOT NULL,
    org_path VARCHAR(255) NOT NULL,
    type VARCHAR(20) NOT NULL,
    topic VARCHAR(200) NOT NULL,
    starts_at DATETIME NOT NULL,
    ends_at DATETIME NOT NULL,
    mode VARCHAR(20) NOT NULL,
    place VARCHAR(200) NOT NULL,
    provider VARCHAR(20) NOT NULL,
    join_url VARCHAR(500) NOT NULL,
    join_code VARCHAR(50) NOT NULL,
    agenda TEXT NULL,
    reminders TEXT NULL,
    override_reason VARCHAR(200) NOT NULL,
    checkin_code TINYINT(1) NOT NULL,
    plan INT NOT NULL,
    cancelled_at DATETIME NULL,
    cancel_reason VARCHAR(200) NOT NULL,
    created_by VARCHAR(36) NOT NULL,
    version INT NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX meetings_org ON meetings (org_path, starts_at);
CREATE INDEX meetings_time ON meetings (starts_at, id);
