-- +goose Up
CREATE TABLE erasure_marks (
    mark VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    erasure_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (mark),
    KEY erasure_marks_erasure (erasure_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
