-- +goose Up
CREATE TABLE article_files (
    article_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    role VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    upload_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    place INT NOT NULL,
    PRIMARY KEY (article_id, role, upload_id),
    KEY article_files_upload (upload_id, article_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
