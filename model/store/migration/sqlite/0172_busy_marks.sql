-- +goose Up
CREATE TABLE busy_marks (
    id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    label VARCHAR(40) NOT NULL,
    starts_at DATETIME NOT NULL,
    ends_at DATETIME NOT NULL,
    rule VARCHAR(200) NOT NULL,
    over_at DATETIME NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX busy_marks_member ON busy_marks (member_id, starts_at);
