-- +goose Up
CREATE TABLE poll_tallies (
    poll_id VARCHAR(36) NOT NULL,
    taking TINYINT(1) NOT NULL,
    ballots INT NOT NULL,
    sealed BLOB NULL,
    key_id VARCHAR(20) NOT NULL,
    PRIMARY KEY (poll_id)
) WITHOUT ROWID;
