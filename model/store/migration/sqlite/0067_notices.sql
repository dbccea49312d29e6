-- +goose Up
CREATE TABLE notices (
    id VARCHAR(36) NOT NULL,
    push_id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    title VARCHAR(200) NOT NULL,
    body TEXT NOT NULL,
    read_at DATETIME NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX notices_push_member ON notices (push_id, member_id);
CREATE INDEX notices_member ON notices (member_id, id);
CREATE INDEX notices_unread ON notices (member_id, read_at);
