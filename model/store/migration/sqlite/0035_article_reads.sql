-- +goose Up
CREATE TABLE article_reads (
    article_id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    percent INT NOT NULL,
    read_at DATETIME NOT NULL,
    finished_at DATETIME NULL,
    PRIMARY KEY (article_id, member_id)
);
CREATE INDEX article_reads_member ON article_reads (member_id, finished_at);
