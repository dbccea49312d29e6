-- +goose Up
CREATE TABLE article_claims (
    article_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    studied_on VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    place VARCHAR(100) NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (article_id, member_id),
    KEY article_claims_member (member_id, studied_on)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
