-- +goose Up
CREATE TABLE obligation_excuses (
    org_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    duty_key VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(100) NOT NULL,
    note VARCHAR(500) NOT NULL,
    created_by VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, duty_key)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
