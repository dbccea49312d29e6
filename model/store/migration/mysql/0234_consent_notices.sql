-- +goose Up
CREATE TABLE consent_notices (
    version VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    title VARCHAR(100) NOT NULL,
    body_html MEDIUMTEXT NOT NULL,
    asks_again TINYINT(1) NOT NULL,
    holds_from DATETIME(3) NOT NULL,
    created_by VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (version),
    KEY consent_notices_from (holds_from)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
