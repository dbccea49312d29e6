-- +goose Up
CREATE TABLE meeting_series (
    id VARCHAR(36) NOT NULL,
    org_id VARCHAR(36) NOT NULL,
    rule VARCHAR(200) NOT NULL,
    invitees TEXT NULL,
    left_out TEXT NULL,
    created_by VARCHAR(36) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
