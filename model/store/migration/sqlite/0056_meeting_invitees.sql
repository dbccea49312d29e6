-- +goose Up
CREATE TABLE meeting_invitees (
    meeting_id VARCHAR(36) NOT NULL,
    member_id VARCHAR(36) NOT NULL,
    entitled TINYINT(1) NOT NULL,
    voting TINYINT(1) NOT NULL,
    answer VARCHAR(20) NOT NULL,
    leave_reason VARCHAR(200) NOT NULL,
    answered_at DATETIME NULL,
    attendance VARCHAR(20) NOT NULL,
    attendance_reason VARCHAR(200) NOT NULL,
    changed_by VARCHAR(36) NOT NULL,
    checked_in_at DATETIME NULL,
    wrong_codes INT NOT NULL,
    PRIMARY KEY (meeting_id, member_id)
);
CREATE INDEX meeting_invitees_member ON meeting_invitees (member_id, answer);
