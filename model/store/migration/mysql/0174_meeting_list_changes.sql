-- +goose Up
CREATE TABLE meeting_list_changes (
    id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    meeting_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    from_role VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    to_role VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(200) NOT NULL,
    changed_by VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    changed_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY meeting_list_changes_meeting (meeting_id, changed_at)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
