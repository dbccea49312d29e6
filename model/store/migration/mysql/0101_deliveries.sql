-- +goose Up
UPDATE deliveries d LEFT JOIN notices n ON n.push_id = d.push_id AND n.member_id = d.member_id
SET d.read_at = n.read_at, d.own_title = COALESCE(n.title, ''), d.own_body = n.body,
    d.held_until = CASE WHEN d.state = 'held' THEN d.not_before END,
    d.busy = CASE WHEN d.busy IS NOT NULL THEN d.member_id END;
