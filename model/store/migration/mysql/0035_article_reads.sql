-- +goose Up
CREATE TABLE article_reads (
    article_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    percent INT NOT NULL,
    read_at DATETIME(3) NOT NULL,
    finished_at DATETIME(3) NULL,
    PRIMARY KEY (article_id, member_id),
    KEY article_reads_member (member_id, finished_at)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
