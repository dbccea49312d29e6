-- +goose Up
CREATE TABLE orgs (
    id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    parent_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(100) NOT NULL,
    path VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    depth INT NOT NULL,
    version INT NOT NULL,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY orgs_path (path),
    UNIQUE KEY orgs_parent_name (parent_id, name)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
