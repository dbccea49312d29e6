-- +goose Up
CREATE TABLE calendar_days (
    day VARCHAR(10) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    name VARCHAR(50) NOT NULL,
    PRIMARY KEY (day)
);
