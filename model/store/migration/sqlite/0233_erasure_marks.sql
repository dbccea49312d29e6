-- +goose Up
CREATE TABLE erasure_marks (
    mark VARCHAR(64) NOT NULL,
    erasure_id VARCHAR(36) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (mark)
);
CREATE INDEX erasure_marks_erasure ON erasure_marks (erasure_id);
