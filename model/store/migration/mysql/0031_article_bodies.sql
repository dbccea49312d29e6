-- +goose Up
CREATE TABLE article_bodies (
    article_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    markdown MEDIUMTEXT NOT NULL,
    html MEDIUMTEXT NOT NULL,
    plain MEDIUMTEXT NOT NULL,
    PRIMARY KEY (article_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
