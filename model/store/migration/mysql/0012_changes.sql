-- +goose Up
CREATE TABLE changes (
    id BIGINT NOT NULL AUTO_INCREMENT,
    topic VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY changes_at (at)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
