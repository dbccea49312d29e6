-- +goose Up
CREATE TABLE comment_likes (
    comment_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (comment_id, member_id),
    KEY comment_likes_member (member_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
