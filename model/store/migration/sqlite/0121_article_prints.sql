-- +goose Up
CREATE TABLE article_prints (
    chunk INT NOT NULL,
    article_id VARCHAR(36) NOT NULL,
    PRIMARY KEY (chunk, article_id)
) WITHOUT ROWID;
CREATE INDEX article_prints_article ON article_prints (article_id);
