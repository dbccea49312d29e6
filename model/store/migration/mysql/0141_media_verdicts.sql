-- +goose Up
CREATE TABLE media_verdicts (
    trace_id VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    suggest VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    label INT NOT NULL,
    err_code INT NOT NULL,
    received_at DATETIME(3) NOT NULL,
    PRIMARY KEY (trace_id),
    KEY media_verdicts_age (received_at)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
