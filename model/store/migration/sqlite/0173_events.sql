-- +goose Up
CREATE TABLE events (
    id VARCHAR(36) NOT NULL,
    org_id VARCHAR(36) NOT NULL,
    org_path VARCHAR(255) NOT NULL,
    name VARCHAR(200) NOT NULL,
    place VARCHAR(200) NOT NULL,
    starts_on VARCHAR(10) NOT NULL,
    ends_on VARCHAR(10) NOT NULL,
    sessions TEXT NULL,
    created_by VARCHAR(36) NOT NULL,
    version INT NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX events_org ON events (org_path, starts_on);
CREATE INDEX events_time ON events (starts_on, id);
