-- +goose Up
CREATE TABLE orgs (
    id VARCHAR(36) NOT NULL,
    parent_id VARCHAR(36) NULL,
    kind VARCHAR(20) NOT NULL,
    name VARCHAR(100) NOT NULL,
    path VARCHAR(255) NOT NULL,
    depth INT NOT NULL,
    version INT NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX orgs_path ON orgs (path);
CREATE UNIQUE INDEX orgs_parent_name ON orgs (parent_id, name);
