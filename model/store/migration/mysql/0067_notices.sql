-- +goose Up
CREATE TABLE notices (
    id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    push_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    title VARCHAR(200) NOT NULL,
    body TEXT NOT NULL,
    read_at DATETIME(3) NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY notices_push_member (push_id, member_id),
    KEY notices_member (member_id, id),
    KEY notices_unread (member_id, read_at)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
