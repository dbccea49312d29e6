-- +goose Up
CREATE TABLE article_claims (
    article_id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    studied_on VARCHAR(10) NOT NULL,
    place VARCHAR(100) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (article_id, member_id)
);
CREATE INDEX article_claims_member ON article_claims (member_id, studied_on);
