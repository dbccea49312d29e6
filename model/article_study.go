package model

// StudyPolicy holds the numbers of study, as the policy profile sets them.
type StudyPolicy struct {
	CharsPerMinute int // how fast a text is read
	LongMinutes    int // above it a text is too long for its reader's three minutes
	MonthlyMinutes int // 学习时间预算: what a branch asks of a member in a month
	KeyPoints      int // how many key points a text has at the most
	ProposedDays   int // the day that a study card proposes where a text has none of its own
}

// DefaultStudyPolicy is what holds until a profile says otherwise: texts of three minutes with five key points, an hour in a month.
func DefaultStudyPolicy() StudyPolicy {
	return StudyPolicy{CharsPerMinute: DefaultReadingSpeed, LongMinutes: 3, MonthlyMinutes: 60, KeyPoints: 5, ProposedDays: 7}
}

// StudyBudget is what a branch asks of a member's time in one month.
type StudyBudget struct {
	Month   string // 2026-11
	Minutes int    // the budget
	Own     int    // of the branch's own texts, published or scheduled in the month
	Above   int    // of those that the organisations above require in the month
}

// Used is what has been asked so far.
func (b StudyBudget) Used() int { return b.Own + b.Above }

// Left is what may still be asked; below zero when the budget is overdrawn.
func (b StudyBudget) Left() int { return b.Minutes - b.Used() }

// CanRelay: who publishes news for an organisation may point its people to an article of another that they themselves may see.
func CanRelay(a *Actor, o *Org) bool {
	return a.Has(RoleCommitteeMember, o.Path) || (o.Kind == OrgGroup && a.Has(RoleGroupLeader, o.Path))
}

// RelayReaches reports whether an article of this visibility is meant for people of the organisation at path at all: a relay never makes it seen by more.
func RelayReaches(ar *Article, path string) bool {
	return ar.Visibility == VisiblePublic || Within(path, ar.OrgPath)
}
