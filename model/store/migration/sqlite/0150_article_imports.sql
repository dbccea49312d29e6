-- +goose Up
CREATE TABLE article_imports (
    source VARCHAR(64) NOT NULL,
    article_id VARCHAR(36) NOT NULL,
    digest VARCHAR(64) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (source)
);
