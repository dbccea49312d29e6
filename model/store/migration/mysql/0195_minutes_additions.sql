-- +goose Up
CREATE TABLE minutes_additions (
    meeting_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    seq INT NOT NULL,
    content TEXT NULL,
    author_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    added_at DATETIME(3) NOT NULL,
    PRIMARY KEY (meeting_id, seq)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
