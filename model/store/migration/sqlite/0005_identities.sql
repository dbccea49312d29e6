-- +goose Up
CREATE TABLE identities (
    id VARCHAR(36) NOT NULL,
    openid VARCHAR(64) NOT NULL,
    unionid VARCHAR(64) NOT NULL,
    official_openid VARCHAR(64) NOT NULL,
    member_id VARCHAR(36) NULL,
    bound_at DATETIME NULL,
    last_seen_at DATETIME NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX identities_openid ON identities (openid);
CREATE UNIQUE INDEX identities_member ON identities (member_id);
CREATE INDEX identities_unionid ON identities (unionid);
