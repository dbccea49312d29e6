-- +goose Up
CREATE TABLE official_followers (
    openid VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    unionid VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    following TINYINT(1) NOT NULL,
    event_at DATETIME(3) NULL,
    told_at DATETIME(3) NULL,
    look_up_at DATETIME(3) NULL,
    tries INT NOT NULL,
    looked_up_at DATETIME(3) NULL,
    seen_at DATETIME(3) NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (openid),
    KEY official_followers_unionid (unionid),
    KEY official_followers_due (look_up_at)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
