-- +goose Up
CREATE TABLE comments (
    id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    article_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    author_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    author_org_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reply_to VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    content VARCHAR(500) NOT NULL,
    state VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    held VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(200) NOT NULL,
    moderator_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    moderated_at DATETIME(3) NULL,
    likes BIGINT NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY comments_article (article_id, created_at, id),
    KEY comments_queue (state, created_at, id),
    KEY comments_author (author_id, created_at)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
