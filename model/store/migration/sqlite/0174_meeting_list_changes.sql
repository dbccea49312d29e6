-- +goose Up
CREATE TABLE meeting_list_changes (
    id VARCHAR(36) NOT NULL,
    meeting_id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    from_role VARCHAR(20) NOT NULL,
    to_role VARCHAR(20) NOT NULL,
    reason VARCHAR(200) NOT NULL,
    changed_by VARCHAR(36) NOT NULL,
    changed_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX meeting_list_changes_meeting ON meeting_list_changes (meeting_id, changed_at);
