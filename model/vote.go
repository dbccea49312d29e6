package model

import (
	"errors"
	"fmt"
)

// VoteRule names the rule by which a vote may start and passes.
type VoteRule string

// The rules. Halves are exceeded or reached exactly as the rules say, so nothing here is rounded.
const (
	VoteOrdinary     VoteRule = "ordinary"
	VoteAdmission    VoteRule = "admission"
	VoteElection     VoteRule = "election"
	VoteCommittee    VoteRule = "committee"    // entitled are the seats of the committee
	VoteConsultative VoteRule = "consultative" // asks for opinions: no quorum, and nothing is resolved by it
)

// Valid reports whether r is a known rule.
func (r VoteRule) Valid() bool {
	switch r {
	case VoteOrdinary, VoteAdmission, VoteElection, VoteCommittee, VoteConsultative:
		return true
	}
	return false
}

// Binding reports whether a vote by r resolves anything.
func (r VoteRule) Binding() bool { return r.Valid() && r != VoteConsultative }

// Errors of impossible counts. They are faults of the caller, not of a person, so they carry no Chinese sentence.
var (
	ErrNobodyEntitled = errors.New("vote: nobody is entitled")
	ErrVoteCounts     = errors.New("vote: impossible counts")
	ErrVoteRule       = errors.New("vote: unknown rule")
)

// maxVoters keeps the products below far from overflow; no society comes near.
const maxVoters = 1 << 24

// Outcome is what the counts of a vote come to.
type Outcome struct {
	Rule                       VoteRule
	Entitled, Present, Approve int
	Quorum                     bool // enough were present for it to start
	Passed                     bool // never true without the quorum
	Needed                     int  // the fewest approvals that pass with these entitled and present
}

// MayStart reports whether enough of those entitled (of the seats, for a committee) are present. Only full members count on either side.
func MayStart(rule VoteRule, entitled, present int) (bool, error) {
	if err := checkCounts(rule, entitled, present, 0); err != nil {
		return false, err
	}
	return quorum(rule, entitled, present), nil
}

// Decide says whether a vote passed. Someone present who did not approve is against it or abstains; which, makes no difference.
// A majority is one of all entitled, absent ones included, but for elections (and opinions), where it is one of those present.
// Nobody entitled, more present than entitled, more approvals than present, and negative counts are errors, never an outcome.
func Decide(rule VoteRule, entitled, present, approve int) (Outcome, error) {
	if err := checkCounts(rule, entitled, present, approve); err != nil {
		return Outcome{}, err
	}
	of := entitled
	if rule == VoteElection || rule == VoteConsultative {
		of = present
	}
	o := Outcome{Rule: rule, Entitled: entitled, Present: present, Approve: approve, Quorum: quorum(rule, entitled, present), Needed: of/2 + 1}
	o.Passed = o.Quorum && approve*2 > of
	return o, nil
}

func quorum(rule VoteRule, entitled, present int) bool {
	switch rule {
	case VoteOrdinary:
		return present*2 >= entitled
	case VoteAdmission, VoteCommittee:
		return present*2 > entitled
	case VoteElection:
		return present*5 >= entitled*4
	}
	return true // consultative; checkCounts let no other through
}

func checkCounts(rule VoteRule, entitled, present, approve int) error {
	switch {
	case !rule.Valid():
		return fmt.Errorf("%w %q", ErrVoteRule, rule)
	case entitled < 0 || present < 0 || approve < 0 || entitled > maxVoters:
		return fmt.Errorf("%w: entitled %d, present %d, approve %d", ErrVoteCounts, entitled, present, approve)
	case entitled == 0:
		return ErrNobodyEntitled
	case present > entitled || approve > present:
		return fmt.Errorf("%w: entitled %d, present %d, approve %d", ErrVoteCounts, entitled, present, approve)
	}
	return nil
}
