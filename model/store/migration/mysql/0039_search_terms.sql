-- +goose Up
CREATE TABLE search_terms (
    term VARCHAR(32) NOT NULL,
    article_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (term, article_id),
    KEY search_terms_article (article_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
