-- +goose Up
CREATE TABLE article_relays (
    article_id VARCHAR(36) NOT NULL,
    org_id VARCHAR(36) NOT NULL,
    org_path VARCHAR(255) NOT NULL,
    note VARCHAR(100) NOT NULL,
    author_id VARCHAR(36) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (article_id, org_id)
);
CREATE INDEX article_relays_feed ON article_relays (org_id, created_at, article_id);
