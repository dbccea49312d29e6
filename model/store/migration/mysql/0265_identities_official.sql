-- +goose Up
CREATE INDEX identities_official ON identities (official_openid);
