-- +goose Up
ALTER TABLE meetings
    ADD COLUMN note VARCHAR(200) NOT NULL DEFAULT '',
    ADD COLUMN event_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN joint_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN series_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN notice_at DATETIME(3) NULL,
    ADD COLUMN provisional TINYINT(1) NOT NULL DEFAULT 0,
    ADD COLUMN room_state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN room_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN room_tries INT NOT NULL DEFAULT 0,
    ADD COLUMN room_next_at DATETIME(3) NULL,
    ADD KEY meetings_series (series_id, starts_at),
    ADD KEY meetings_joint (joint_id),
    ADD KEY meetings_notice (notice_at),
    ADD KEY meetings_room (room_next_at),
    ADD KEY meetings_event (event_id);
