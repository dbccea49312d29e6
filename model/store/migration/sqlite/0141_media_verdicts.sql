-- +goose Up
CREATE TABLE media_verdicts (
    trace_id VARCHAR(100) NOT NULL,
    suggest VARCHAR(12) NOT NULL,
    label INT NOT NULL,
    err_code INT NOT NULL,
    received_at DATETIME NOT NULL,
    PRIMARY KEY (trace_id)
);
CREATE INDEX media_verdicts_age ON media_verdicts (received_at);
