-- +goose Up
CREATE TABLE taps (
    id BIGINT NOT NULL AUTO_INCREMENT,
    openid VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    template_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    accept TINYINT(1) NOT NULL,
    client_at DATETIME(3) NULL,
    event_at DATETIME(3) NULL,
    PRIMARY KEY (id),
    KEY taps_of (openid, template_id),
    KEY taps_day (openid, client_at)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
