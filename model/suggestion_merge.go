package model

// Follows reports whether it is handled together with another one that asks the same, and waits for that one's answer.
func (s *Suggestion) Follows() bool { return s.MergedInto != "" && s.State.Open() }

// CheckMerge says why the actor may not have this one handled together with that one; nil when they may. Both must be the actor's to handle,
// and both must still wait for an answer: what has been answered is answered anew in words of its own.
func (s *Suggestion) CheckMerge(a *Actor, into *Suggestion) error {
	switch {
	case s.ID == into.ID:
		return BadField("into", "same", "不能与自己合并。")
	case !a.Has(RoleSecretary, s.OrgPath) || !a.Has(RoleSecretary, into.OrgPath):
		return Forbidden("合并由两条意见建议的承办组织的书记或上级操作。")
	case !s.State.Open() || s.Follows():
		return Conflict("当前状态为“" + s.State.Label() + "”或已合并，不能再合并，请刷新后再看。")
	case !into.State.Open() || into.Follows():
		return Conflict("并入的那一条已答复或已并入他条，请选择尚待答复的一条。")
	}
	return nil
}

// TakeOver lets the clocks of the one that goes on run from the earlier of the two beginnings, so that merging gains no time.
func (s *Suggestion) TakeOver(cal Calendar, merged *Suggestion) {
	if merged.ClockAt.Before(s.ClockAt) {
		s.ClockAt, s.AcceptDays, s.ReplyDays, s.Reminded = merged.ClockAt, merged.AcceptDays, merged.ReplyDays, 0
		s.Replan(cal)
	}
}

// Follow brings what is handled together with another one to where that one stands: who holds it, until when, and what was answered.
func (s *Suggestion) Follow(lead *Suggestion) {
	s.State, s.StateAt, s.UpdatedAt = lead.State, lead.StateAt, lead.UpdatedAt
	s.OrgID, s.OrgPath, s.AssigneeID = lead.OrgID, lead.OrgPath, lead.AssigneeID
	s.ClockAt, s.AcceptDays, s.ReplyDays, s.ExtendDays = lead.ClockAt, lead.AcceptDays, lead.ReplyDays, lead.ExtendDays
	s.AcceptBy, s.ReplyBy, s.ExtensionReason = lead.AcceptBy, lead.ReplyBy, lead.ExtensionReason
	s.Reply, s.RepliedAt = lead.Reply, lead.RepliedAt
}

// SuggestionAlike is from which likeness two suggestions are shown as perhaps the same: the share of pairs of characters they have in common.
// It is lower than for articles, since people say the same in words of their own, and a person decides.
const SuggestionAlike = 0.2

// LikenessTo is how much of title and content two suggestions have in common, 0 to 1; of the whole or of the titles alone, the greater.
func (s *Suggestion) LikenessTo(title, content string) float64 {
	whole := Likeness(Pairs(s.Title+"\n"+s.Content), Pairs(title+"\n"+content))
	return max(whole, Likeness(Pairs(s.Title), Pairs(title)))
}
