-- +goose Up
CREATE TABLE audit_entries (
    id BIGINT NOT NULL AUTO_INCREMENT,
    at DATETIME(3) NOT NULL,
    actor_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    action VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    object VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    org_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    detail TEXT NULL,
    request_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (id),
    KEY audit_actor (actor_id, id),
    KEY audit_action (action, id),
    KEY audit_object (object, id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
