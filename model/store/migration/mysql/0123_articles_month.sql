-- +goose Up
CREATE INDEX articles_month ON articles (org_id, published_at);
