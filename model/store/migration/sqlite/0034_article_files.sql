-- +goose Up
CREATE TABLE article_files (
    article_id VARCHAR(36) NOT NULL,
    role VARCHAR(12) NOT NULL,
    upload_id VARCHAR(64) NOT NULL,
    place INT NOT NULL,
    PRIMARY KEY (article_id, role, upload_id)
);
CREATE INDEX article_files_upload ON article_files (upload_id, article_id);
