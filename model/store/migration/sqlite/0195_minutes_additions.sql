-- +goose Up
CREATE TABLE minutes_additions (
    meeting_id VARCHAR(36) NOT NULL,
    seq INT NOT NULL,
    content TEXT NULL,
    author_id VARCHAR(36) NOT NULL,
    added_at DATETIME NOT NULL,
    PRIMARY KEY (meeting_id, seq)
);
