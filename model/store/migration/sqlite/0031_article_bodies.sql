-- +goose Up
CREATE TABLE article_bodies (
    article_id VARCHAR(36) NOT NULL,
    markdown TEXT NOT NULL,
    html TEXT NOT NULL,
    plain TEXT NOT NULL,
    PRIMARY KEY (article_id)
);
