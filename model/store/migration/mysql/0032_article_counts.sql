-- +goose Up
CREATE TABLE article_counts (
    article_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    views BIGINT NOT NULL,
    likes BIGINT NOT NULL,
    comments BIGINT NOT NULL,
    PRIMARY KEY (article_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
