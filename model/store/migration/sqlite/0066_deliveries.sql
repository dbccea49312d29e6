-- +goose Up
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    push_id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    state VARCHAR(12) NOT NULL,
    channel VARCHAR(10) NOT NULL,
    template_id VARCHAR(64) NOT NULL,
    openid VARCHAR(64) NOT NULL,
    counted TINYINT(1) NOT NULL,
    retried TINYINT(1) NOT NULL,
    holds VARCHAR(10) NOT NULL,
    attempts INT NOT NULL,
    errcode INT NOT NULL,
    errmsg VARCHAR(300) NOT NULL,
    reason VARCHAR(200) NOT NULL,
    deferred_reason VARCHAR(200) NOT NULL,
    not_before DATETIME NOT NULL,
    due_at DATETIME NULL,
    sending_at DATETIME NULL,
    sent_at DATETIME NULL,
    msg_id VARCHAR(64) NOT NULL,
    owner VARCHAR(64) NOT NULL,
    lease_until DATETIME NULL,
    busy VARCHAR(64) NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX deliveries_push_member ON deliveries (push_id, member_id);
CREATE UNIQUE INDEX deliveries_busy ON deliveries (busy);
CREATE INDEX deliveries_push_state ON deliveries (push_id, state);
CREATE INDEX deliveries_due ON deliveries (due_at);
CREATE INDEX deliveries_lease ON deliveries (lease_until);
CREATE INDEX deliveries_held ON deliveries (state, not_before);
CREATE INDEX deliveries_openid ON deliveries (openid, template_id);
CREATE INDEX deliveries_week ON deliveries (member_id, not_before);
