-- +goose Up
CREATE TABLE comments (
    id VARCHAR(36) NOT NULL,
    article_id VARCHAR(36) NOT NULL,
    author_id VARCHAR(36) NOT NULL,
    author_org_id VARCHAR(36) NOT NULL,
    reply_to VARCHAR(36) NOT NULL,
    content VARCHAR(500) NOT NULL,
    state VARCHAR(12) NOT NULL,
    held VARCHAR(20) NOT NULL,
    reason VARCHAR(200) NOT NULL,
    moderator_id VARCHAR(36) NOT NULL,
    moderated_at DATETIME NULL,
    likes BIGINT NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX comments_article ON comments (article_id, created_at, id);
CREATE INDEX comments_queue ON comments (state, created_at, id);
CREATE INDEX comments_author ON comments (author_id, created_at);
