-- +goose Up
CREATE TABLE search_terms (
    term VARCHAR(32) NOT NULL,
    article_id VARCHAR(36) NOT NULL,
    PRIMARY KEY (term, article_id)
) WITHOUT ROWID;
CREATE INDEX search_terms_article ON search_terms (article_id);
