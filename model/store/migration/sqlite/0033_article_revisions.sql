-- +goose Up
CREATE TABLE article_revisions (
    article_id VARCHAR(36) NOT NULL,
    version INT NOT NULL,
    title VARCHAR(100) NOT NULL,
    digest VARCHAR(200) NOT NULL,
    key_points TEXT NULL,
    html TEXT NOT NULL,
    editor_id VARCHAR(36) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (article_id, version)
);
