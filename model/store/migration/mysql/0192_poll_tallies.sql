-- +goose Up
CREATE TABLE poll_tallies (
    poll_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    taking TINYINT(1) NOT NULL,
    ballots INT NOT NULL,
    sealed BLOB NULL,
    key_id VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (poll_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
