-- +goose Up
CREATE TABLE meeting_series (
    id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    org_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    rule VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    invitees TEXT NULL,
    left_out TEXT NULL,
    created_by VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
