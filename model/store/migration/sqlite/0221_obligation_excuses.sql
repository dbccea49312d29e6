-- +goose Up
CREATE TABLE obligation_excuses (
    org_id VARCHAR(36) NOT NULL,
    duty_key VARCHAR(40) NOT NULL,
    reason VARCHAR(100) NOT NULL,
    note VARCHAR(500) NOT NULL,
    created_by VARCHAR(36) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (org_id, duty_key)
);
