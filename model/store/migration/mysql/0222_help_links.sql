-- +goose Up
CREATE TABLE help_links (
    org_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    helper_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    note VARCHAR(500) NOT NULL,
    created_by VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
