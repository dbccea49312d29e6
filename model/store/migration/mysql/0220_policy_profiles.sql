-- +goose Up
CREATE TABLE policy_profiles (
    seq INT NOT NULL,
    version VARCHAR(40) NOT NULL,
    holds_from VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    body MEDIUMTEXT NULL,
    created_by VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (seq),
    UNIQUE KEY policy_profiles_version (version)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
