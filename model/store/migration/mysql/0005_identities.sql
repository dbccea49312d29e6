-- +goose Up
CREATE TABLE identities (
    id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    openid VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    unionid VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    official_openid VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    bound_at DATETIME(3) NULL,
    last_seen_at DATETIME(3) NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY identities_openid (openid),
    UNIQUE KEY identities_member (member_id),
    KEY identities_unionid (unionid)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
