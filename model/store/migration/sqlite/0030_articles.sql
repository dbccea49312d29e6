-- +goose Up
CREATE TABLE articles (
    id VARCHAR(36) NOT NULL,
    org_id VARCHAR(36) NOT NULL,
    org_path VARCHAR(255) NOT NULL,
    org_kind VARCHAR(20) NOT NULL,
    category VARCHAR(20) NOT NULL,
    title VARCHAR(100) NOT NULL,
    digest VARCHAR(200) NOT NULL,
    digest_made TINYINT(1) NOT NULL,
    key_points TEXT NULL,
    doc_no VARCHAR(100) NOT NULL,
    doc_key VARCHAR(100) NOT NULL,
    source_name VARCHAR(100) NOT NULL,
    source_url VARCHAR(500) NOT NULL,
    source_date VARCHAR(10) NOT NULL,
    visibility VARCHAR(20) NOT NULL,
    state VARCHAR(20) NOT NULL,
    required TINYINT(1) NOT NULL,
    due_at DATETIME NULL,
    pinned TINYINT(1) NOT NULL,
    cover_id VARCHAR(64) NOT NULL,
    reading_minutes INT NOT NULL,
    minutes_made TINYINT(1) NOT NULL,
    author_id VARCHAR(36) NOT NULL,
    notify TINYINT(1) NOT NULL,
    publish_at DATETIME NULL,
    published_at DATETIME NULL,
    withdrawn_at DATETIME NULL,
    reminded_at DATETIME NULL,
    version INT NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX articles_feed ON articles (org_id, state, visibility, pinned, published_at, id);
CREATE INDEX articles_feed_category ON articles (org_id, state, category, visibility, pinned, published_at, id);
CREATE INDEX articles_open ON articles (state, visibility, pinned, published_at, id);
CREATE INDEX articles_open_category ON articles (state, category, visibility, pinned, published_at, id);
CREATE INDEX articles_due ON articles (state, publish_at);
CREATE INDEX articles_required ON articles (required, state, org_id);
CREATE INDEX articles_doc ON articles (doc_key);
