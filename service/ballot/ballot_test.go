package ballot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/ballot"
	"zhibu/service/vault"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// policy is the profile that holds throughout a test.
type policy struct{ model.Policy }

func (p *policy) PolicyAt(time.Time) *model.Policy { return &p.Policy }

// house is a meeting of six full members who are all there, m0 its secretary.
type house struct {
	t      *testing.T
	store  *store.Store
	room   *ballot.Service
	policy *policy
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, store: storetest.Open(t), policy: &policy{*model.DefaultPolicy()}}
	v, err := vault.New("a secret of tests")
	h.must(err)
	h.room = ballot.New(h.store, v, h.policy, storetest.Clock)
	ctx := context.Background()
	h.must(h.store.AddOrg(ctx, &model.Org{ID: "b", Kind: model.OrgBranch, Name: "支部", Path: "/b/"}))
	m := &model.Meeting{ID: "meeting", OrgID: "b", OrgPath: "/b/", Type: model.MeetingAssembly, Topic: "大会", StartsAt: storetest.Now(), EndsAt: storetest.Now().Add(time.Hour), CreatedBy: "m0"}
	var list []model.MeetingInvitee
	for i := range 6 {
		id := fmt.Sprintf("m%d", i)
		h.must(h.store.AddMember(ctx, &model.Member{ID: id, Name: id, PartyStatus: model.PartyFull}))
		list = append(list, model.MeetingInvitee{MeetingID: m.ID, MemberID: id, Entitled: true, Voting: true, Answer: model.RSVPNone, Attendance: model.AttendancePresent})
	}
	h.must(h.store.AddMeeting(ctx, m, list))
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) as(id string) *model.Actor {
	a := &model.Actor{SessionID: "s", MemberID: id, Name: id, PartyStatus: model.PartyFull, Places: []model.Place{{OrgID: "b", Path: "/b/"}}}
	if id == "m0" {
		a.Powers = []model.Power{{OrgID: "b", Path: "/b/", Role: model.RoleSecretary}}
	}
	return a
}

func (h *house) opened(d ballot.Draft) string {
	h.t.Helper()
	p, err := h.room.Prepare(h.t.Context(), h.as("m0"), "meeting", d)
	h.must(err)
	_, err = h.room.Open(h.t.Context(), h.as("m0"), p.ID)
	h.must(err)
	return p.ID
}

// TestASecretVoteLeavesNoTrace reads the tables after each ballot, as somebody does who keeps every state of the database.
func TestASecretVoteLeavesNoTrace(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	id := h.opened(ballot.Draft{Question: "满意吗", Rule: model.VoteOrdinary, Secret: true})
	audited := func() int {
		rows, _, err := h.store.AuditEntries(ctx, store.AuditFilter{Object: "poll:" + id}, model.Page{Limit: 100})
		h.must(err)
		return len(rows)
	}
	before := audited()
	votes := []model.Choice{model.ChoiceAgainst, model.ChoiceApprove, model.ChoiceAgainst, model.ChoiceApprove, model.ChoiceApprove}
	var sealed []string
	for i, c := range votes {
		v, err := h.room.Cast(ctx, h.as(fmt.Sprintf("m%d", 5-i)), id, ballot.Vote{Choice: c})
		h.must(err)
		if v.Approve+v.Against+v.Abstain != 0 || v.Cast != i+1 || len(v.Ballots) != 0 {
			t.Fatalf("a tally is read before the close: %+v", v)
		}
		kept, err := h.store.PollByID(ctx, id)
		h.must(err)
		if kept.Approve+kept.Against+kept.Abstain+kept.Cast != 0 {
			t.Fatalf("counts are kept in the clear before the close: %+v", kept)
		}
		tally := h.tally(id)
		if slices.Contains(sealed, tally) || (i > 0 && len(tally) != len(sealed[0])) {
			t.Fatal("the sealed count tells by its length, or by staying the same, what was added")
		}
		if strings.Contains(tally, string(model.Count{Cast: i + 1}.Pack()[:4])) && i > 3 {
			t.Fatal("the count is not sealed")
		}
		sealed = append(sealed, tally)
	}
	if got := audited(); got != before {
		t.Errorf("%d audit entries came with the ballots", got-before)
	}
	if rows, err := h.store.PollBallots(ctx, id); err != nil || len(rows) != 0 {
		t.Errorf("single ballots are kept: %v %v", rows, err)
	}
	voters, err := h.store.PollVoters(ctx, id)
	if err != nil || fmt.Sprint(voters) != "[m1 m2 m3 m4 m5]" { // not in the order in which they voted
		t.Errorf("voters %v %v", voters, err)
	}
	v, err := h.room.Close(ctx, h.as("m0"), id)
	h.must(err)
	if v.Approve != 3 || v.Against != 2 || v.NotCast() != 1 || v.Passed || len(v.Ballots) != 0 || h.tally(id) != "" {
		t.Errorf("closed: %+v", v)
	}
}

// tally is the sealed count as the table holds it; empty when there is none.
func (h *house) tally(pollID string) string {
	h.t.Helper()
	var out string
	errRollback := model.Conflict("only looked at")
	err := h.store.Tx(h.t.Context(), func(tx *store.Store) error {
		t, err := tx.TakeBallot(h.t.Context(), pollID)
		if err == nil && t != nil {
			out = string(t.Sealed)
		}
		if err != nil {
			return err
		}
		return errRollback
	})
	if model.CodeOf(err) != model.CodeConflict {
		h.t.Fatal(err)
	}
	return out
}

// TestBallotsAtOnce: every voter sends four ballots at once while the vote is being closed; each counts at most once, and the result is of all that were taken.
func TestBallotsAtOnce(t *testing.T) {
	for _, secret := range []bool{true, false} {
		h := newHouse(t)
		id := h.opened(ballot.Draft{Question: "满意吗", Rule: model.VoteOrdinary, Secret: secret})
		var all sync.WaitGroup
		var mu sync.Mutex
		taken := 0
		for i := range 24 {
			all.Go(func() {
				_, err := h.room.Cast(context.Background(), h.as(fmt.Sprintf("m%d", i%6)), id, ballot.Vote{Choice: model.ChoiceApprove})
				mu.Lock()
				defer mu.Unlock()
				switch code := model.CodeOf(err); {
				case err == nil:
					taken++
				case code != model.CodeAlreadyVoted && code != model.CodeNotOpen:
					t.Errorf("a ballot: %v", err)
				}
			})
		}
		all.Go(func() {
			if _, err := h.room.Close(context.Background(), h.as("m0"), id); err != nil {
				t.Errorf("close: %v", err)
			}
		})
		all.Wait()
		v, err := h.room.Get(t.Context(), h.as("m0"), id)
		h.must(err)
		if v.State != model.PollClosed || v.Approve != taken || v.Cast != taken || (!secret && len(v.Ballots) != taken) {
			t.Errorf("%d were taken, the result is %+v", taken, v)
		}
	}
}

func TestWhatTheProfileAllows(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	draft := ballot.Draft{Question: "接收", Rule: model.VoteAdmission}
	if _, err := h.room.Prepare(ctx, h.as("m0"), "meeting", draft); model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("admission without the profile: %v", err)
	}
	h.policy.Votes.Admission, h.policy.Votes.FormalOnline = true, true
	v, err := h.room.Close(ctx, h.as("m0"), h.opened(draft))
	if err != nil || !v.Formal || v.Passed {
		t.Errorf("nobody voted: %+v %v", v, err)
	}
	if _, err := h.room.Prepare(ctx, h.as("m0"), "meeting", ballot.Draft{Question: "支委会事项", Rule: model.VoteCommittee}); model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("the committee's rule in an assembly: %v", err)
	}
}
