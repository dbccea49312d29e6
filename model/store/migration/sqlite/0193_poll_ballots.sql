-- +goose Up
CREATE TABLE poll_ballots (
    poll_id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    choice VARCHAR(20) NOT NULL,
    options TEXT NULL,
    PRIMARY KEY (poll_id, member_id)
) WITHOUT ROWID;
