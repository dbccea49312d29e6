-- +goose Up
CREATE TABLE wechat_events (
    dedupe_key VARCHAR(100) NOT NULL,
    source VARCHAR(20) NOT NULL,
    name VARCHAR(60) NOT NULL,
    openid VARCHAR(64) NOT NULL,
    sent TEXT NULL,
    received_at DATETIME NOT NULL,
    PRIMARY KEY (dedupe_key)
);
CREATE INDEX wechat_events_openid ON wechat_events (openid, received_at);
CREATE INDEX wechat_events_age ON wechat_events (received_at);
