-- +goose Up
CREATE TABLE comment_reports (
    comment_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(200) NOT NULL,
    settled TINYINT(1) NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (comment_id, member_id),
    KEY comment_reports_member (member_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
