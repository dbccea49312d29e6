-- +goose Up
ALTER TABLE deliveries
    ADD COLUMN lane TINYINT NOT NULL DEFAULT 2,
    ADD COLUMN held_until DATETIME(3) NULL,
    ADD COLUMN read_at DATETIME(3) NULL,
    ADD COLUMN own_title VARCHAR(200) NOT NULL DEFAULT '',
    ADD COLUMN own_body TEXT NULL,
    DROP KEY deliveries_lease,
    DROP KEY deliveries_due,
    DROP KEY deliveries_held,
    DROP KEY deliveries_openid,
    DROP KEY deliveries_week,
    ADD KEY deliveries_lane (lane, due_at),
    ADD KEY deliveries_held_until (held_until, member_id),
    ADD KEY deliveries_inbox (member_id, created_at);
