-- +goose Up
ALTER TABLE meetings ADD COLUMN note VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE meetings ADD COLUMN event_id VARCHAR(36) NOT NULL DEFAULT '';
ALTER TABLE meetings ADD COLUMN joint_id VARCHAR(36) NOT NULL DEFAULT '';
ALTER TABLE meetings ADD COLUMN series_id VARCHAR(36) NOT NULL DEFAULT '';
ALTER TABLE meetings ADD COLUMN notice_at DATETIME NULL;
ALTER TABLE meetings ADD COLUMN provisional TINYINT(1) NOT NULL DEFAULT 0;
ALTER TABLE meetings ADD COLUMN room_state VARCHAR(20) NOT NULL DEFAULT '';
ALTER TABLE meetings ADD COLUMN room_id VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE meetings ADD COLUMN room_tries INT NOT NULL DEFAULT 0;
ALTER TABLE meetings ADD COLUMN room_next_at DATETIME NULL;
CREATE INDEX meetings_series ON meetings (series_id, starts_at);
CREATE INDEX meetings_joint ON meetings (joint_id);
CREATE INDEX meetings_notice ON meetings (notice_at) WHERE notice_at IS NOT NULL;
CREATE INDEX meetings_room ON meetings (room_next_at) WHERE room_next_at IS NOT NULL;
CREATE INDEX meetings_event ON meetings (event_id);
