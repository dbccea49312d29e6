-- +goose Up
CREATE TABLE meeting_invitees (
    meeting_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    member_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    entitled TINYINT(1) NOT NULL,
    voting TINYINT(1) NOT NULL,
    answer VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    leave_reason VARCHAR(200) NOT NULL,
    answered_at DATETIME(3) NULL,
    attendance VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    attendance_reason VARCHAR(200) NOT NULL,
    changed_by VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    checked_in_at DATETIME(3) NULL,
    wrong_codes INT NOT NULL,
    PRIMARY KEY (meeting_id, member_id),
    KEY meeting_invitees_member (member_id, answer)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
