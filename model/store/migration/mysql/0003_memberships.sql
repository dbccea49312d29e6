-- +goose Up
CREATE TABLE memberships (
    id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    org_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    org_path VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    joined_on VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY memberships_member_org (member_id, org_id),
    KEY memberships_path (org_path, member_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
