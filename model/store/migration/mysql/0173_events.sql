-- +goose Up
CREATE TABLE events (
    id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    org_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    org_path VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(200) NOT NULL,
    place VARCHAR(200) NOT NULL,
    starts_on VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    ends_on VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sessions TEXT NULL,
    created_by VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    version INT NOT NULL,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY events_org (org_path, starts_on),
    KEY events_time (starts_on, id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
