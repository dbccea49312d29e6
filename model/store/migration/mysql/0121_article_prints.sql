-- +goose Up
CREATE TABLE article_prints (
    chunk INT NOT NULL,
    article_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (chunk, article_id),
    KEY article_prints_article (article_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
