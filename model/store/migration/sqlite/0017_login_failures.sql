-- +goose Up
CREATE TABLE login_failures (
    username VARCHAR(60) NOT NULL,
    failures INT NOT NULL,
    first_at DATETIME NOT NULL,
    locked_until DATETIME NOT NULL,
    PRIMARY KEY (username)
);
