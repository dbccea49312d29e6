-- +goose Up
UPDATE deliveries SET
    read_at = (SELECT n.read_at FROM notices n WHERE n.push_id = deliveries.push_id AND n.member_id = deliveries.member_id),
    own_title = COALESCE((SELECT n.title FROM notices n WHERE n.push_id = deliveries.push_id AND n.member_id = deliveries.member_id), ''),
    own_body = (SELECT n.body FROM notices n WHERE n.push_id = deliveries.push_id AND n.member_id = deliveries.member_id),
    held_until = CASE WHEN state = 'held' THEN not_before END,
    busy = CASE WHEN busy IS NOT NULL THEN member_id END;
