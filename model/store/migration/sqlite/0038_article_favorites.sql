-- +goose Up
CREATE TABLE article_favorites (
    article_id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (member_id, article_id)
);
CREATE INDEX article_favorites_time ON article_favorites (member_id, created_at, article_id);
