-- +goose Up
ALTER TABLE article_revisions ADD COLUMN correction VARCHAR(300) NOT NULL DEFAULT '';
