package model

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// Worked by hand: five entitled, all present unless said, so that a candidate needs more than half of those present.
func TestElect(t *testing.T) {
	for _, c := range []struct {
		name                     string
		rule                     VoteRule
		entitled, present, seats int
		approvals                []int
		want                     string // E elected, T tied, P with the majority but no seat, - without
	}{
		{"three of five present is no majority of five with 2", VoteElection, 5, 5, 2, []int{3, 2, 3}, "E-E"},
		{"more candidates with the majority than seats", VoteElection, 5, 5, 1, []int{4, 3, 5}, "PPE"},
		{"two share the last seat", VoteElection, 5, 5, 1, []int{4, 4, 3}, "TTP"},
		{"one is in, two share the second seat", VoteElection, 5, 5, 2, []int{5, 4, 4}, "ETT"},
		{"three share two seats", VoteElection, 5, 5, 2, []int{4, 4, 4}, "TTT"},
		{"two share two seats and both have one", VoteElection, 5, 5, 2, []int{4, 4, 3}, "EEP"},
		{"of those present, not of those entitled", VoteElection, 5, 4, 1, []int{3, 1, 0}, "E--"},
		{"half of those present is not more than half", VoteElection, 5, 4, 1, []int{2, 2, 0}, "---"},
		{"without the quorum nobody is elected", VoteElection, 5, 3, 1, []int{3, 0, 0}, "---"},
		{"nobody was approved", VoteElection, 5, 5, 3, []int{0, 0, 0}, "---"},
		{"the only candidate", VoteElection, 1, 1, 1, []int{1}, "E"},
	} {
		got, err := Elect(c.rule, c.entitled, c.present, c.seats, c.approvals)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		text := ""
		for _, o := range got {
			switch {
			case o.Elected:
				text += "E"
			case o.Tied:
				text += "T"
			case o.Passed:
				text += "P"
			default:
				text += "-"
			}
		}
		if text != c.want {
			t.Errorf("%s: %s, want %s", c.name, text, c.want)
		}
	}
	if _, err := Elect(VoteElection, 5, 4, 1, []int{5}); err == nil {
		t.Error("more approvals than people present were taken")
	}
}

// Whatever the approvals: no more are elected than there are seats, nobody with fewer approvals before one with more, and equals alike.
func TestElectAlways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		present := rapid.IntRange(1, 40).Draw(t, "present")
		entitled := present + rapid.IntRange(0, 10).Draw(t, "away")
		seats := rapid.IntRange(1, 8).Draw(t, "seats")
		approvals := rapid.SliceOfN(rapid.IntRange(0, present), 1, 12).Draw(t, "approvals")
		got, err := Elect(VoteElection, entitled, present, seats, approvals)
		if err != nil {
			t.Fatal(err)
		}
		elected := 0
		for i, a := range got {
			if a.Elected {
				elected++
			}
			if a.Elected && (!a.Passed || a.Tied) {
				t.Fatalf("elected without the majority, or in a tie: %+v", a)
			}
			for j, b := range got {
				if approvals[i] == approvals[j] && a != b {
					t.Fatalf("equals are not alike: %+v %+v", a, b)
				}
				if approvals[i] < approvals[j] && a.Elected && !b.Elected {
					t.Fatalf("%d before %d", approvals[i], approvals[j])
				}
			}
		}
		if elected > seats {
			t.Fatalf("%d elected to %d seats", elected, seats)
		}
	})
}

func TestWhatBallotsComeTo(t *testing.T) {
	ballots := func(approve, against, abstain int) Count {
		c := NewCount(0)
		for range approve {
			c.Add(ChoiceApprove, nil)
		}
		for range against {
			c.Add(ChoiceAgainst, nil)
		}
		for range abstain {
			c.Add(ChoiceAbstain, nil)
		}
		return c
	}
	for _, c := range []struct {
		rule                      VoteRule
		entitled, present         int
		count                     Count
		passed                    bool
		wantPresent, wantEntitled int
		notCast                   int
	}{
		{VoteOrdinary, 9, 6, ballots(5, 1, 0), true, 6, 9, 0},
		{VoteOrdinary, 9, 6, ballots(4, 0, 0), false, 6, 9, 2},      // four of nine, though nobody objected
		{VoteOrdinary, 9, 4, ballots(5, 0, 0), true, 5, 9, 0},       // who has voted was there, whatever the sheet says afterwards
		{VoteOrdinary, 4, 4, ballots(5, 0, 0), true, 5, 5, 0},       // one was put on the list while it was open
		{VoteCommittee, 5, 3, ballots(2, 0, 1), false, 3, 5, 0},     // of the seats
		{VoteCommittee, 5, 3, ballots(3, 0, 0), true, 3, 5, 0},      //
		{VoteElection, 10, 8, ballots(5, 3, 0), true, 8, 10, 0},     // of those present
		{VoteConsultative, 10, 8, ballots(2, 1, 0), true, 3, 10, 0}, // of those who gave an opinion
		{VoteConsultative, 10, 8, ballots(0, 0, 0), false, 0, 10, 0},
	} {
		p := &Poll{Rule: c.rule, Entitled: c.entitled}
		if err := p.Take(c.count, c.present); err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		if p.Passed != c.passed || p.Present != c.wantPresent || p.Entitled != c.wantEntitled || p.NotCast() != c.notCast {
			t.Errorf("%+v came to %+v", c, p)
		}
		if again, _, err := p.Outcome(); err != nil || again.Passed != p.Passed {
			t.Errorf("worked out again: %+v, %v", again, err)
		}
	}
}

func TestFormalVote(t *testing.T) {
	for _, c := range []struct {
		rule           VoteRule
		byHand, online bool
		want           bool
	}{
		{VoteOrdinary, false, false, false}, {VoteOrdinary, false, true, true}, {VoteOrdinary, true, false, true},
		{VoteElection, false, false, false}, {VoteConsultative, true, true, false},
	} {
		if got := FormalVote(c.rule, c.byHand, VotePolicy{FormalOnline: c.online}); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestMayVoteIn(t *testing.T) {
	here := AttendancePresent
	for _, c := range []struct {
		i        *MeetingInvitee
		rule     VoteRule
		has, now bool
	}{
		{nil, VoteOrdinary, false, false},
		{&MeetingInvitee{Entitled: true, Voting: true, Attendance: here}, VoteOrdinary, true, true},
		{&MeetingInvitee{Entitled: true, Voting: true}, VoteOrdinary, true, false},
		{&MeetingInvitee{Entitled: true, Voting: true}, VoteConsultative, true, true},
		{&MeetingInvitee{Entitled: true, Attendance: here}, VoteOrdinary, false, false},                 // probationary
		{&MeetingInvitee{Voting: true, Attendance: AttendanceObserver}, VoteConsultative, false, false}, // an observer
	} {
		if has, now := c.i.MayVoteIn(c.rule); has != c.has || now != c.now {
			t.Errorf("%+v by %s: %v %v", c.i, c.rule, has, now)
		}
	}
}

func TestPackedCounts(t *testing.T) {
	length := len(NewCount(3).Pack())
	rapid.Check(t, func(t *rapid.T) {
		c := NewCount(3)
		for range rapid.IntRange(0, 50).Draw(t, "ballots") {
			c.Add(rapid.SampledFrom([]Choice{ChoiceApprove, ChoiceAgainst, ChoiceAbstain}).Draw(t, "choice"), []int{rapid.IntRange(0, 2).Draw(t, "option")})
		}
		b := c.Pack()
		got, err := UnpackCount(b, 3)
		if err != nil || !bytes.Equal(got.Pack(), b) || got.Cast != c.Cast || len(b) != length {
			t.Fatalf("%+v became %+v, %v; %d bytes", c, got, err, len(b))
		}
	})
	if _, err := UnpackCount(make([]byte, 16), 1); err == nil {
		t.Error("a count of another form was read")
	}
}
