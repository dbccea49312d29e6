-- +goose Up
CREATE TABLE comment_likes (
    comment_id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (comment_id, member_id)
);
CREATE INDEX comment_likes_member ON comment_likes (member_id);
