-- +goose Up
CREATE TABLE busy_marks (
    id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    label VARCHAR(40) NOT NULL,
    starts_at DATETIME(3) NOT NULL,
    ends_at DATETIME(3) NOT NULL,
    rule VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    over_at DATETIME(3) NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY busy_marks_member (member_id, starts_at)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
