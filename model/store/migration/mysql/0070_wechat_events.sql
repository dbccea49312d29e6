-- +goose Up
CREATE TABLE wechat_events (
    dedupe_key VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    source VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    openid VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sent TEXT NULL,
    received_at DATETIME(3) NOT NULL,
    PRIMARY KEY (dedupe_key),
    KEY wechat_events_openid (openid, received_at),
    KEY wechat_events_age (received_at)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
