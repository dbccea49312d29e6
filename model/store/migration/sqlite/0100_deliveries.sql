-- +goose Up
ALTER TABLE deliveries ADD COLUMN lane TINYINT NOT NULL DEFAULT 2;
ALTER TABLE deliveries ADD COLUMN held_until DATETIME NULL;
ALTER TABLE deliveries ADD COLUMN read_at DATETIME NULL;
ALTER TABLE deliveries ADD COLUMN own_title VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN own_body TEXT NULL;
DROP INDEX deliveries_lease;
DROP INDEX deliveries_due;
DROP INDEX deliveries_held;
DROP INDEX deliveries_openid;
DROP INDEX deliveries_week;
DROP INDEX deliveries_busy;
CREATE UNIQUE INDEX deliveries_busy ON deliveries (busy) WHERE busy IS NOT NULL;
CREATE INDEX deliveries_lane ON deliveries (lane, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_held_until ON deliveries (held_until, member_id) WHERE held_until IS NOT NULL;
CREATE INDEX deliveries_inbox ON deliveries (member_id, created_at);
