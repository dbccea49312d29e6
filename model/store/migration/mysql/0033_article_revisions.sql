-- +goose Up
CREATE TABLE article_revisions (
    article_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    version INT NOT NULL,
    title VARCHAR(100) NOT NULL,
    digest VARCHAR(200) NOT NULL,
    key_points TEXT NULL,
    html MEDIUMTEXT NOT NULL,
    editor_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (article_id, version)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
