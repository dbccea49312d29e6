package store_test

import (
	"context"
	"os"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// openBare opens a database that has no tables yet.
func openBare(t *testing.T) *store.Store {
	t.Helper()
	url := ""
	if os.Getenv("ZHIBU_TEST_DATABASE") == "mysql" {
		url = storetest.MariaDBURL(t)
	}
	s, err := store.Open(context.Background(), url, t.TempDir(), storetest.Clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// An installation of the first version keeps its inboxes, its queue and what was held when inbox and ledger become one table.
func TestUpgradeMergesInboxAndLedger(t *testing.T) {
	s, ctx := openBare(t), context.Background()
	if err := s.MigrateToForTest(ctx, 86); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`INSERT INTO pushes (id, org_id, org_path, kind, title, body, page, hours, reason, counted, private, subject, send_at, state, created_by, created_at, updated_at, recipients, expand_cursor, stop_reason)
			VALUES ('p1', 'r', '/r/', 'study', '学习', '正文', '', 'ordinary', '', 1, 0, 'article:1', '2026-11-22 11:00:00', 'sending', 'x', '2026-11-22 11:00:00', '2026-11-22 11:00:00', 3, '', '')`,
		`INSERT INTO deliveries (push_id, member_id, state, channel, template_id, openid, counted, retried, holds, attempts, errcode, errmsg, reason, deferred_reason, not_before, due_at, msg_id, owner, busy, lease_until, created_at, updated_at) VALUES
			('p1', 'a', 'queued', 'subscribe', 't', 'open-a', 1, 0, '', 0, 0, '', '', '', '2026-11-22 11:00:00', '2026-11-22 11:00:00', '', '', NULL, NULL, '2026-11-22 11:00:00', '2026-11-22 11:00:00'),
			('p1', 'b', 'held', 'subscribe', 't', 'open-b', 1, 0, '', 0, 0, '', '', '满', '2026-11-22 11:30:00', NULL, '', '', NULL, NULL, '2026-11-22 11:00:00', '2026-11-22 11:00:00'),
			('p1', 'c', 'sending', 'subscribe', 't', 'open-c', 1, 0, 'reserved', 1, 0, '', '', '', '2026-11-22 11:00:00', NULL, '', 'gone', 'open-c', '2026-11-22 11:02:00', '2026-11-22 11:00:00', '2026-11-22 11:00:00')`,
		`INSERT INTO notices (id, push_id, member_id, title, body, read_at, created_at) VALUES
			('n1', 'p1', 'a', '', '', '2026-11-22 12:00:00', '2026-11-22 11:00:00'), ('n2', 'p1', 'b', '晚间摘要', '两条', NULL, '2026-11-22 11:00:00'), ('n3', 'p1', 'c', '', '', NULL, '2026-11-22 11:00:00')`,
	} {
		if err := s.ExecForTest(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	for member, want := range map[string]struct {
		unread int
		title  string
	}{"a": {0, ""}, "b": {1, "晚间摘要"}, "c": {1, ""}} {
		rows, _, err := s.Notices(ctx, member, false, model.Page{})
		if err != nil || len(rows) != 1 || rows[0].OwnTitle != want.title || rows[0].Push.Title != "学习" {
			t.Errorf("inbox of %s: %+v, %v", member, rows, err)
		}
		if n, err := s.UnreadNotices(ctx, member); err != nil || n != want.unread {
			t.Errorf("%s has %d unread: %v", member, n, err)
		}
	}
	now := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	var claimed []store.Claimed
	err := s.Tx(ctx, func(tx *store.Store) (err error) {
		claimed, err = tx.ClaimDeliveries(ctx, "me", model.Lanes(), now, now.Add(time.Minute), 10)
		return err
	})
	if err != nil || len(claimed) != 1 || claimed[0].MemberID != "a" {
		t.Errorf("claimed %+v, %v", claimed, err)
	}
	if held, err := s.HeldMembers(ctx, now, 10); err != nil || len(held) != 1 || held[0] != "b" {
		t.Errorf("held %v, %v", held, err)
	}
	if gone, err := s.ExpiredDeliveries(ctx, now, 10); err != nil || len(gone) != 1 || gone[0].MemberID != "c" || *gone[0].Busy != "c" {
		t.Errorf("abandoned %+v, %v", gone, err)
	}
}
