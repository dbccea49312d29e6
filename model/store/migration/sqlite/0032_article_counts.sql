-- +goose Up
CREATE TABLE article_counts (
    article_id VARCHAR(36) NOT NULL,
    views BIGINT NOT NULL,
    likes BIGINT NOT NULL,
    comments BIGINT NOT NULL,
    PRIMARY KEY (article_id)
);
