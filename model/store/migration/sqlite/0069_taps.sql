-- +goose Up
CREATE TABLE taps (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    openid VARCHAR(64) NOT NULL,
    template_id VARCHAR(64) NOT NULL,
    accept TINYINT(1) NOT NULL,
    client_at DATETIME NULL,
    event_at DATETIME NULL
);
CREATE INDEX taps_of ON taps (openid, template_id);
CREATE INDEX taps_day ON taps (openid, client_at);
