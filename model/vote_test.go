package model

import (
	"errors"
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// Worked by hand from the rules, around every boundary, for even and odd numbers.
func TestDecide(t *testing.T) {
	for _, c := range []struct {
		rule                       VoteRule
		entitled, present, approve int
		quorum, passed             bool
		needed                     int
	}{
		// ordinary: half of the entitled may start, more than half of the entitled passes.
		{VoteOrdinary, 10, 4, 4, false, false, 6},
		{VoteOrdinary, 10, 5, 5, true, false, 6}, // all present approve, and still it is only half
		{VoteOrdinary, 10, 6, 5, true, false, 6},
		{VoteOrdinary, 10, 6, 6, true, true, 6},
		{VoteOrdinary, 11, 5, 5, false, false, 6},
		{VoteOrdinary, 11, 6, 5, true, false, 6},
		{VoteOrdinary, 11, 6, 6, true, true, 6},
		{VoteOrdinary, 1, 0, 0, false, false, 1},
		{VoteOrdinary, 1, 1, 1, true, true, 1},
		{VoteOrdinary, 2, 1, 1, true, false, 2},
		{VoteOrdinary, 2, 2, 2, true, true, 2},
		{VoteOrdinary, 45, 30, 22, true, false, 23},
		{VoteOrdinary, 45, 30, 23, true, true, 23},

		// admission: more than half of the entitled on both.
		{VoteAdmission, 10, 5, 5, false, false, 6},
		{VoteAdmission, 10, 6, 5, true, false, 6},
		{VoteAdmission, 10, 6, 6, true, true, 6},
		{VoteAdmission, 11, 5, 5, false, false, 6},
		{VoteAdmission, 11, 6, 6, true, true, 6},

		// election: four fifths may start, more than half of those present passes.
		{VoteElection, 10, 7, 7, false, false, 4},
		{VoteElection, 10, 8, 4, true, false, 5},
		{VoteElection, 10, 8, 5, true, true, 5},
		{VoteElection, 10, 9, 5, true, true, 5},
		{VoteElection, 10, 10, 5, true, false, 6},
		{VoteElection, 11, 8, 8, false, false, 5}, // 4/5 of 11 is 8.8
		{VoteElection, 11, 9, 5, true, true, 5},
		{VoteElection, 4, 3, 3, false, false, 2}, // 3.2
		{VoteElection, 4, 4, 2, true, false, 3},
		{VoteElection, 5, 4, 3, true, true, 3},
		{VoteElection, 1, 1, 1, true, true, 1},

		// committee: more than half of the seats on both.
		{VoteCommittee, 5, 2, 2, false, false, 3},
		{VoteCommittee, 5, 3, 2, true, false, 3},
		{VoteCommittee, 5, 3, 3, true, true, 3},
		{VoteCommittee, 4, 2, 2, false, false, 3},
		{VoteCommittee, 4, 3, 3, true, true, 3},

		// consultative: no quorum; most of those present are for it.
		{VoteConsultative, 10, 0, 0, true, false, 1},
		{VoteConsultative, 10, 1, 1, true, true, 1},
		{VoteConsultative, 10, 4, 2, true, false, 3},
	} {
		want := Outcome{c.rule, c.entitled, c.present, c.approve, c.quorum, c.passed, c.needed}
		got, err := Decide(c.rule, c.entitled, c.present, c.approve)
		if err != nil || got != want {
			t.Errorf("got %+v, %v\nwant %+v", got, err, want)
		}
		if may, err := MayStart(c.rule, c.entitled, c.present); err != nil || may != c.quorum {
			t.Errorf("MayStart(%s, %d, %d) = %v, %v", c.rule, c.entitled, c.present, may, err)
		}
	}
}

func TestDecideRefuses(t *testing.T) {
	for _, rule := range []VoteRule{VoteOrdinary, VoteAdmission, VoteElection, VoteCommittee, VoteConsultative} {
		for _, c := range []struct {
			entitled, present, approve int
			want                       error
		}{
			{0, 0, 0, ErrNobodyEntitled},
			{0, 1, 0, ErrNobodyEntitled},
			{-1, 0, 0, ErrVoteCounts},
			{10, -1, 0, ErrVoteCounts},
			{10, 5, -1, ErrVoteCounts},
			{10, 11, 5, ErrVoteCounts},
			{10, 5, 6, ErrVoteCounts},
			{maxVoters + 1, 5, 5, ErrVoteCounts},
		} {
			if got, err := Decide(rule, c.entitled, c.present, c.approve); !errors.Is(err, c.want) || got != (Outcome{}) {
				t.Errorf("Decide(%s, %+v) = %+v, %v", rule, c, got, err)
			}
		}
		if ok, err := MayStart(rule, 0, 0); ok || !errors.Is(err, ErrNobodyEntitled) {
			t.Errorf("MayStart(%s, 0, 0) = %v, %v", rule, ok, err)
		}
		if ok, err := MayStart(rule, 3, 4); ok || !errors.Is(err, ErrVoteCounts) {
			t.Errorf("MayStart(%s, 3, 4) = %v, %v", rule, ok, err)
		}
	}
	for _, rule := range []VoteRule{"", "majority"} {
		if _, err := Decide(rule, 10, 10, 10); !errors.Is(err, ErrVoteRule) {
			t.Errorf("rule %q: %v", rule, err)
		}
		if _, err := MayStart(rule, 10, 10); !errors.Is(err, ErrVoteRule) {
			t.Errorf("rule %q: %v", rule, err)
		}
	}
}

func TestVoteRuleBinding(t *testing.T) {
	for rule, want := range map[VoteRule]bool{VoteOrdinary: true, VoteAdmission: true, VoteElection: true, VoteCommittee: true, VoteConsultative: false, "x": false} {
		if rule.Binding() != want {
			t.Errorf("%s binding: %v", rule, !want)
		}
	}
}

// share is a share of a whole as an exact fraction, by which the rules are told again in other words.
func share(part, whole int) *big.Rat { return big.NewRat(int64(part), int64(whole)) }

func TestDecideAlways(t *testing.T) {
	half, fourFifths := big.NewRat(1, 2), big.NewRat(4, 5)
	rapid.Check(t, func(t *rapid.T) {
		rule := rapid.SampledFrom([]VoteRule{VoteOrdinary, VoteAdmission, VoteElection, VoteCommittee}).Draw(t, "rule")
		entitled := rapid.OneOf(rapid.IntRange(1, 30), rapid.IntRange(1, maxVoters)).Draw(t, "entitled")
		present := rapid.IntRange(0, entitled).Draw(t, "present")
		approve := rapid.IntRange(0, present).Draw(t, "approve")
		got, err := Decide(rule, entitled, present, approve)
		if err != nil {
			t.Fatal(err)
		}
		wantStart, wantPass := false, false
		switch rule {
		case VoteOrdinary:
			wantStart, wantPass = share(present, entitled).Cmp(half) >= 0, share(approve, entitled).Cmp(half) > 0
		case VoteAdmission, VoteCommittee:
			wantStart, wantPass = share(present, entitled).Cmp(half) > 0, share(approve, entitled).Cmp(half) > 0
		case VoteElection:
			wantStart = share(present, entitled).Cmp(fourFifths) >= 0
			wantPass = present > 0 && share(approve, present).Cmp(half) > 0
		}
		if got.Quorum != wantStart || got.Passed != (wantStart && wantPass) {
			t.Fatalf("got %+v, want quorum %v, majority %v", got, wantStart, wantPass)
		}
		if got.Quorum && got.Passed != (approve >= got.Needed) {
			t.Fatalf("needed is not what is needed: %+v", got)
		}
		// One more approval never turns a resolution down.
		if more, err := Decide(rule, entitled, present, min(approve+1, present)); err != nil || got.Passed && !more.Passed {
			t.Fatalf("%+v, then %+v, %v", got, more, err)
		}
	})
}

func ExampleDecide() {
	o, _ := Decide(VoteOrdinary, 45, 30, 22)
	fmt.Println(o.Quorum, o.Passed, o.Needed)
	// Output: true false 23
}
