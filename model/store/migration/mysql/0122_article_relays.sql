-- +goose Up
CREATE TABLE article_relays (
    article_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    org_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    org_path VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    note VARCHAR(100) NOT NULL,
    author_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (article_id, org_id),
    KEY article_relays_feed (org_id, created_at, article_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
