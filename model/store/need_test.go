package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gorm.io/gorm"

	"zhibu/model"
)

// What a member needs is asked for at a tap: each statement goes by an index to what concerns that member, however many others there are.
func TestNeedPlans(t *testing.T) {
	s := planHouse(t)
	ctx, now := context.Background(), time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	later := now.AddDate(0, 0, 30)
	err := s.Tx(ctx, func(tx *Store) error {
		for i := range 600 {
			member, path := fmt.Sprintf("m%04d", i), fmt.Sprintf("/o%d/", i%4)
			p := &model.Push{ID: "p" + member, OrgPath: path, Kind: model.PushStudy, State: model.PushDone, SendAt: now, CreatedAt: now}
			if i%50 == 0 {
				p.State, p.SendAt = model.PushScheduled, now.Add(time.Hour)
			}
			for _, err := range []error{
				tx.AddMember(ctx, &model.Member{ID: member, Name: member}),
				tx.AddMembership(ctx, &model.Membership{ID: member, MemberID: member, OrgID: path[1:3], OrgPath: path}),
				tx.AddMeeting(ctx, &model.Meeting{ID: "e" + member, OrgPath: path, StartsAt: now.Add(time.Duration(i) * time.Hour)}, []model.MeetingInvitee{{MeetingID: "e" + member, MemberID: member}}),
				tx.AddReminder(ctx, &model.Reminder{ID: "r" + member, OrgID: path[1:3], NextAt: &later}),
				tx.AddDeliveries(ctx, []model.Delivery{{PushID: p.ID, MemberID: member, CreatedAt: now}}),
			} {
				if err != nil {
					return err
				}
			}
			if _, err := tx.AddPush(ctx, p); err != nil {
				return err
			}
		}
		return tx.write(ctx).Exec("ANALYZE").Error
	})
	if err != nil {
		t.Fatal(err)
	}
	scans := []string{"SCAN deliveries", "SCAN d", "SCAN p", "SCAN pushes", "SCAN meetings", "SCAN i", "SCAN reminders", "SCAN x", "SCAN m"}
	for _, q := range []struct {
		what  string
		must  string
		build func(*gorm.DB) *gorm.DB
	}{
		{"scheduled", "pushes_due (state=? AND send_at>? AND send_at<?)", func(db *gorm.DB) *gorm.DB {
			return s.scheduledPushes(db, []string{"/o1/"}, now, later).Limit(200).Find(&[]model.Push{})
		}},
		{"meetings", "meeting_invitees_member (member_id=?", func(db *gorm.DB) *gorm.DB {
			return s.meetingsAhead(db, "m0001", now, later).Limit(50).Find(&[]model.Meeting{})
		}},
		{"reminders", "SEARCH reminders USING INDEX", func(db *gorm.DB) *gorm.DB {
			return s.remindersAhead(db, []string{"o1"}, later).Limit(50).Find(&[]model.Reminder{})
		}},
		{"brought", "deliveries_inbox (member_id=? AND created_at>?)", func(db *gorm.DB) *gorm.DB {
			return s.broughtSince(db, "m0001", now).Limit(200).Find(&[]Brought{})
		}},
		{"in an audience", "memberships_member_org (member_id=?", func(db *gorm.DB) *gorm.DB {
			q, err := s.audience(ctx, model.Audience{OrgID: "o1", MemberIDs: []string{"m0001"}, PartyStatus: []model.PartyStatus{model.PartyFull}}, true)
			if err != nil {
				t.Fatal(err)
			}
			return db.Raw("?", q.Select("m.id").Order("m.id").Limit(1)).Find(&[]map[string]any{})
		}},
	} {
		plan := s.drawn(t, q.build)
		s.wantPlan(t, q.what, plan, []string{q.must}, scans...)
	}
}

func TestInAudience(t *testing.T) {
	s := planHouse(t)
	ctx, now := context.Background(), time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	for _, err := range []error{
		s.AddMember(ctx, &model.Member{ID: "a", Name: "a", PartyStatus: model.PartyFull}),
		s.AddMember(ctx, &model.Member{ID: "gone", Name: "gone", ErasedAt: &now}),
		s.AddMembership(ctx, &model.Membership{ID: "a1", MemberID: "a", OrgID: "o1", OrgPath: "/o1/"}),
		s.AddGrant(ctx, &model.Grant{ID: "g1", MemberID: "a", OrgID: "o1", OrgPath: "/o1/", Role: model.RoleSecretary}),
		s.AddMeeting(ctx, &model.Meeting{ID: "e"}, []model.MeetingInvitee{{MeetingID: "e", MemberID: "a", Answer: model.RSVPAccept}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		who  string
		a    model.Audience
		want bool
	}{
		{"a", model.Audience{}, false},
		{"", model.Audience{OrgID: "o1"}, false},
		{"a", model.Audience{OrgID: "o1"}, true},
		{"a", model.Audience{OrgID: "o2"}, false},
		{"a", model.Audience{OrgID: "none"}, false},
		{"a", model.Audience{MemberIDs: []string{"b"}}, false},
		{"a", model.Audience{MemberIDs: []string{"b", "a"}}, true},
		{"a", model.Audience{OrgID: "o2", MemberIDs: []string{"a"}}, false},
		{"gone", model.Audience{MemberIDs: []string{"gone"}}, false},
		{"a", model.Audience{OrgID: "o1", Roles: []model.Role{model.RoleSecretary}}, true},
		{"a", model.Audience{OrgID: "o1", Roles: []model.Role{model.RoleStaff}}, false},
		{"a", model.Audience{OrgID: "o1", PartyStatus: []model.PartyStatus{model.PartyApplicant}}, false},
		{"a", model.Audience{MeetingID: "e"}, true},
		{"a", model.Audience{MeetingID: "e", RSVP: []model.RSVP{model.RSVPNone}}, false},
		{"b", model.Audience{MeetingID: "e"}, false},
	} {
		got, err := s.InAudience(ctx, c.a, c.who)
		if err != nil || got != c.want {
			t.Errorf("%q in %+v: %v %v", c.who, c.a, got, err)
		}
	}
}
