-- +goose Up
CREATE TABLE official_drafts (
    article_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    media_id VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    title VARCHAR(100) NOT NULL,
    version INT NOT NULL,
    doubt TINYINT(1) NOT NULL,
    lease_until DATETIME(3) NOT NULL,
    holder VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sent_by VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sent_at DATETIME(3) NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (article_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
