-- +goose Up
CREATE TABLE official_pictures (
    sha256 VARCHAR(64) NOT NULL,
    place VARCHAR(12) NOT NULL,
    app_id VARCHAR(64) NOT NULL,
    reference VARCHAR(1000) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (sha256, place, app_id)
);
