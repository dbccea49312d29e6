-- +goose Up
CREATE TABLE comment_reports (
    comment_id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    reason VARCHAR(200) NOT NULL,
    settled TINYINT(1) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (comment_id, member_id)
);
CREATE INDEX comment_reports_member ON comment_reports (member_id);
