-- +goose Up
CREATE TABLE article_favorites (
    article_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (member_id, article_id),
    KEY article_favorites_time (member_id, created_at, article_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
