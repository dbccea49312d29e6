-- +goose Up
CREATE TABLE suggestion_steps (
    suggestion_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    seq INT NOT NULL,
    action VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    by_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    by_role VARCHAR(50) NOT NULL,
    assignee_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    org_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    note TEXT NOT NULL,
    at DATETIME(3) NOT NULL,
    PRIMARY KEY (suggestion_id, seq)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
