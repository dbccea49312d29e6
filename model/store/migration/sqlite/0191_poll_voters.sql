-- +goose Up
CREATE TABLE poll_voters (
    poll_id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    PRIMARY KEY (poll_id, member_id)
) WITHOUT ROWID;
