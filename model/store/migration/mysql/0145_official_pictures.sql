-- +goose Up
CREATE TABLE official_pictures (
    sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    place VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    app_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reference VARCHAR(1000) NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (sha256, place, app_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
