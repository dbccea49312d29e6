-- +goose Up
CREATE TABLE official_followers (
    openid VARCHAR(64) NOT NULL,
    unionid VARCHAR(64) NOT NULL,
    following TINYINT(1) NOT NULL,
    event_at DATETIME NULL,
    told_at DATETIME NULL,
    look_up_at DATETIME NULL,
    tries INT NOT NULL,
    looked_up_at DATETIME NULL,
    seen_at DATETIME NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (openid)
);
CREATE INDEX official_followers_unionid ON official_followers (unionid);
CREATE INDEX official_followers_due ON official_followers (look_up_at);
