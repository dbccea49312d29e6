-- +goose Up
CREATE TABLE article_likes (
    article_id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (member_id, article_id)
);
