package model

// PublicationState is whether question and answer are shown to everybody in the organisation, which the author alone can allow.
type PublicationState string

// Nobody has asked at first.
const (
	PublicationNone     PublicationState = ""
	PublicationAsked    PublicationState = "asked"
	PublicationShown    PublicationState = "shown"
	PublicationDeclined PublicationState = "declined"
	PublicationEnded    PublicationState = "ended" // taken back by either side
)

// PublicationAction is what one of the two sides does about publishing an answer.
type PublicationAction string

// The steps: the handler asks with the words to be shown, the author agrees or not, and either side may take it back.
const (
	PublicationAsk    PublicationAction = "ask"
	PublicationAgree  PublicationAction = "agree"
	PublicationRefuse PublicationAction = "refuse"
	PublicationEnd    PublicationAction = "end"
)

var publicationRules = map[PublicationAction]struct {
	from []PublicationState
	to   PublicationState
	by   SuggestionSide
}{
	PublicationAsk:    {[]PublicationState{PublicationNone, PublicationAsked, PublicationEnded}, PublicationAsked, SideHandler},
	PublicationAgree:  {[]PublicationState{PublicationAsked}, PublicationShown, SideAuthor},
	PublicationRefuse: {[]PublicationState{PublicationAsked}, PublicationDeclined, SideAuthor},
	PublicationEnd:    {[]PublicationState{PublicationShown, PublicationAsked}, PublicationEnded, SideAuthor | SideHandler},
}

// CheckPublication says why the step is not for this side, or not possible now; otherwise it is the state after it. An author who has said no
// is not asked again.
func (s *Suggestion) CheckPublication(action PublicationAction, side SuggestionSide) (PublicationState, error) {
	rule := publicationRules[action]
	if rule.by&side == 0 {
		if rule.by == SideAuthor {
			return "", Forbidden("是否公开由提出人决定。")
		}
		return "", Forbidden("公开答复由承办组织的书记征求提出人同意。")
	}
	if action == PublicationAsk && (s.State.Open() || s.Reply == "") {
		return "", Conflict("答复之后才能征求公开的同意。")
	}
	for _, from := range rule.from {
		if s.Publication == from {
			return rule.to, nil
		}
	}
	if s.Publication == PublicationDeclined {
		return "", Conflict("提出人不同意公开，请勿再次征求。")
	}
	return "", Conflict("当前不能进行这一步，请刷新后再看。")
}

// CanSeePublished: what an organisation has published is for its members, for those of the organisations below it, and for who leads above.
func CanSeePublished(a *Actor, path string) bool {
	return a.Bound() && (a.BelongsTo(path) || a.ownsUnder(path) || a.Has(RoleGroupLeader, path))
}
