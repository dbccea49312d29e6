-- +goose Up
CREATE TABLE official_drafts (
    article_id VARCHAR(36) NOT NULL,
    media_id VARCHAR(200) NOT NULL,
    title VARCHAR(100) NOT NULL,
    version INT NOT NULL,
    doubt TINYINT(1) NOT NULL,
    lease_until DATETIME NOT NULL,
    holder VARCHAR(36) NOT NULL,
    sent_by VARCHAR(36) NOT NULL,
    sent_at DATETIME NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (article_id)
);
