package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/ballot"
)

type pollDraftInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Question   string   `json:"question,omitempty" doc:"required, 1 to 200 characters"`
		Rule       string   `json:"rule,omitempty" doc:"required: ordinary, admission, election, committee or consultative"`
		Secret     bool     `json:"secret,omitempty" doc:"who has voted and the tally are kept, never who voted what"`
		Options    []string `json:"options,omitempty" doc:"the candidates of an election, or what opinions are asked on; at most 30"`
		Seats      int      `json:"seats,omitempty" doc:"how many options one ballot may approve, and how many are elected; 1 when left out"`
		AgendaItem int      `json:"agenda_item,omitempty" doc:"the number on the agenda, from 1; 0 for none"`
	}
}

func (in *pollDraftInput) draft() ballot.Draft {
	b := in.Body
	return ballot.Draft{AgendaItem: b.AgendaItem, Question: b.Question, Rule: model.VoteRule(b.Rule), Secret: b.Secret, Options: b.Options, Seats: b.Seats}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *pollDraftInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(ctx context.Context, a *API, actor *model.Actor) error {
		return a.rooms.Ballot.CheckDraft(ctx, actor, in.ID, in.draft())
	})
}

type pollCandidateView struct {
	Option  string `json:"option"`
	Approve int    `json:"approve"`
	Passed  bool   `json:"passed" doc:"has the majority that the rule asks for"`
	Elected bool   `json:"elected"`
	Tied    bool   `json:"tied" doc:"shares the last seats with others of as many approvals; they are voted on again"`
}

type pollResultView struct {
	Rule     string              `json:"rule"`
	Entitled int                 `json:"entitled" doc:"full members on the frozen list; for a committee its seats"`
	Present  int                 `json:"present"`
	Cast     int                 `json:"cast"`
	NotCast  int                 `json:"not_cast" doc:"present with a vote that was not used"`
	Approve  int                 `json:"approve"`
	Against  int                 `json:"against"`
	Abstain  int                 `json:"abstain"`
	Needed   int                 `json:"needed" doc:"the fewest approvals that pass"`
	Passed   bool                `json:"passed"`
	Formal   bool                `json:"formal"`
	Text     string              `json:"text" doc:"what the result counts for, in Chinese"`
	Options  []pollCandidateView `json:"options" nullable:"false" doc:"of each option; empty for a plain question"`
}

type pollBallotView struct {
	Member  personRef `json:"member"`
	Choice  string    `json:"choice" doc:"approve, against or abstain; empty where options were approved"`
	Options []string  `json:"options" nullable:"false"`
}

type pollView struct {
	ID         string                `json:"id"`
	MeetingID  string                `json:"meeting_id"`
	AgendaItem int                   `json:"agenda_item"`
	Question   string                `json:"question"`
	Rule       string                `json:"rule" enum:"ordinary,admission,election,committee,consultative"`
	RuleLabel  string                `json:"rule_label"`
	Secret     bool                  `json:"secret"`
	Options    []string              `json:"options" nullable:"false"`
	Seats      int                   `json:"seats"`
	State      string                `json:"state" enum:"draft,open,closed"`
	ByHand     bool                  `json:"by_hand" doc:"voted by hand in the room"`
	Formal     bool                  `json:"formal" doc:"whether it resolves anything; known once it is open"`
	Entitled   int                   `json:"entitled"`
	Present    int                   `json:"present"`
	Cast       int                   `json:"cast" doc:"how many have voted so far"`
	HasVote    bool                  `json:"has_vote"`
	Voted      bool                  `json:"voted" doc:"whether I have voted"`
	CanManage  bool                  `json:"can_manage"`
	Result     maybe[pollResultView] `json:"result" doc:"null until it is closed"`
	Ballots    []pollBallotView      `json:"ballots" nullable:"false" doc:"who voted what, of an open vote that is closed; a secret one has none"`
	CreatedAt  timeView              `json:"created_at"`
	OpenedAt   *timeView             `json:"opened_at" nullable:"true"`
	ClosedAt   *timeView             `json:"closed_at" nullable:"true"`
}

func pollFrom(v *ballot.View, err error) (pollView, error) {
	if err != nil {
		return pollView{}, err
	}
	return pollOf(*v), nil
}

func pollOf(p ballot.View) pollView {
	v := pollView{
		ID: p.ID, MeetingID: p.MeetingID, AgendaItem: p.AgendaItem, Question: p.Question, Rule: string(p.Rule), RuleLabel: p.Rule.Label(), Secret: p.Secret,
		Options: append([]string{}, p.Options...), Seats: p.Seats, State: string(p.State), ByHand: p.ByHand, Formal: p.Formal, Entitled: p.Entitled, Present: p.Present,
		Cast: p.Cast, HasVote: p.HasVote, Voted: p.Voted, CanManage: p.CanManage, Ballots: mapped(p.Ballots, func(b ballot.Ballot) pollBallotView { return pollBallotOf(p, b) }),
		CreatedAt: timeView(p.CreatedAt), OpenedAt: timeOrNil(p.OpenedAt), ClosedAt: timeOrNil(p.ClosedAt),
	}
	if p.State != model.PollClosed {
		return v
	}
	v.Result = some(pollResultOf(&p.Poll, p.Needed, p.Candidates))
	return v
}

// pollResultOf is the result of a vote that is closed.
func pollResultOf(p *model.Poll, needed int, candidates []model.CandidateOutcome) pollResultView {
	r := pollResultView{
		Rule: string(p.Rule), Entitled: p.Entitled, Present: p.Present, Cast: p.Cast, NotCast: p.NotCast(), Approve: p.Approve, Against: p.Against, Abstain: p.Abstain,
		Needed: needed, Passed: p.Passed, Formal: p.Formal, Text: p.Standing(), Options: make([]pollCandidateView, len(candidates)),
	}
	for i, c := range candidates {
		r.Options[i] = pollCandidateView{Option: p.Options[i], Approve: c.Approve, Passed: c.Passed, Elected: c.Elected, Tied: c.Tied}
	}
	return r
}

func pollBallotOf(p ballot.View, b ballot.Ballot) pollBallotView {
	v := pollBallotView{Member: personRef{b.MemberID, b.Name}, Choice: string(b.Choice), Options: []string{}}
	for _, o := range b.Options {
		if o >= 0 && o < len(p.Options) {
			v.Options = append(v.Options, p.Options[o])
		}
	}
	return v
}

func (a *API) preparePoll(ctx context.Context, actor *model.Actor, in *pollDraftInput) (pollView, error) {
	return pollFrom(a.rooms.Ballot.Prepare(ctx, actor, in.ID, in.draft()))
}

func (a *API) listPolls(ctx context.Context, actor *model.Actor, in *IDPath) (items[pollView], error) {
	rows, err := a.rooms.Ballot.List(ctx, actor, in.ID)
	if err != nil {
		return items[pollView]{}, err
	}
	return items[pollView]{Items: mapped(rows, pollOf)}, nil
}

func (a *API) getPoll(ctx context.Context, actor *model.Actor, in *IDPath) (pollView, error) {
	return pollFrom(a.rooms.Ballot.Get(ctx, actor, in.ID))
}

func (a *API) dropPoll(ctx context.Context, actor *model.Actor, in *IDPath) (empty, error) {
	return empty{}, a.rooms.Ballot.Drop(ctx, actor, in.ID)
}

func (a *API) openPoll(ctx context.Context, actor *model.Actor, in *IDPath) (pollView, error) {
	return pollFrom(a.rooms.Ballot.Open(ctx, actor, in.ID))
}

type ballotInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Choice  string   `json:"choice,omitempty" doc:"approve, against or abstain"`
		Options []string `json:"options,omitempty" maxItems:"30" doc:"for a vote with options, those that this ballot approves, by name"`
	}
}

func (a *API) castBallot(ctx context.Context, actor *model.Actor, in *ballotInput) (pollView, error) {
	return pollFrom(a.rooms.Ballot.Cast(ctx, actor, in.ID, ballot.Vote{Choice: model.Choice(in.Body.Choice), Options: in.Body.Options}))
}

func (a *API) closePoll(ctx context.Context, actor *model.Actor, in *IDPath) (pollView, error) {
	return pollFrom(a.rooms.Ballot.Close(ctx, actor, in.ID))
}

type pollTallyInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Approve   int   `json:"approve,omitempty"`
		Against   int   `json:"against,omitempty"`
		Abstain   int   `json:"abstain,omitempty"`
		Cast      int   `json:"cast,omitempty" doc:"ballots handed in, for a vote with options"`
		Approvals []int `json:"approvals,omitempty" maxItems:"30" doc:"of each option, in order"`
	}
}

func (a *API) recordTally(ctx context.Context, actor *model.Actor, in *pollTallyInput) (pollView, error) {
	b := in.Body
	return pollFrom(a.rooms.Ballot.Record(ctx, actor, in.ID, ballot.Tally{Approve: b.Approve, Against: b.Against, Abstain: b.Abstain, Cast: b.Cast, Approvals: b.Approvals}))
}
