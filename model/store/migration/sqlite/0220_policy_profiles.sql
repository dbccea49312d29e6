-- +goose Up
CREATE TABLE policy_profiles (
    seq INT NOT NULL,
    version VARCHAR(40) NOT NULL,
    holds_from VARCHAR(10) NOT NULL,
    body TEXT NULL,
    created_by VARCHAR(36) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (seq)
);
CREATE UNIQUE INDEX policy_profiles_version ON policy_profiles (version);
