package model

import (
	"slices"
	"time"
)

// CommentState is whether a comment is shown.
type CommentState string

// A comment is visible at once, or pending until a person has looked at it; what is hidden may be shown again.
const (
	CommentVisible CommentState = "visible"
	CommentPending CommentState = "pending"
	CommentHidden  CommentState = "hidden"
)

var commentSteps = map[CommentState][]CommentState{
	CommentPending: {CommentVisible, CommentHidden},
	CommentVisible: {CommentHidden},
	CommentHidden:  {CommentVisible},
}

// Valid reports whether s is one of the three.
func (s CommentState) Valid() bool { return commentSteps[s] != nil }

// May reports whether a moderator may take a comment from state s to the next.
func (s CommentState) May(next CommentState) bool { return slices.Contains(commentSteps[s], next) }

// Label is the state's Chinese name; empty for what is none.
func (s CommentState) Label() string {
	switch s {
	case CommentVisible:
		return "已公开"
	case CommentPending:
		return "待审核"
	case CommentHidden:
		return "已隐藏"
	}
	return ""
}

// Moderation is what a moderator decides about a comment.
type Moderation string

// The two decisions.
const (
	ModerationApprove Moderation = "approve"
	ModerationHide    Moderation = "hide"
)

// To is the state that the decision leads to; empty for what is no decision.
func (m Moderation) To() CommentState {
	switch m {
	case ModerationApprove:
		return CommentVisible
	case ModerationHide:
		return CommentHidden
	}
	return ""
}

// HeldBecause says why a comment waits for a person.
type HeldBecause string

// The causes, for the moderator's eyes. A comment that was shown at once has none.
const (
	HeldFirst     HeldBecause = "moderated_first" // the category is moderated first
	HeldReview    HeldBecause = "review"          // the check asks for a person
	HeldPolitics  HeldBecause = "politics"        // the label that Party texts trip by nature
	HeldUnchecked HeldBecause = "unchecked"       // the check was down
	HeldNoOpenID  HeldBecause = "console"         // written at the console, where there is no openid to check with
	HeldReported  HeldBecause = "reported"        // it was visible, and a member asks for a look
)

// Verdict is what the content check said about a text.
type Verdict struct {
	Suggest string // pass, review or risky; anything else asks for a person
	Label   int
}

// LabelPolitics marks a text as political, which texts of the Party are.
const LabelPolitics = 20001

// Judge turns a verdict into what becomes of the text: refused, or held for a cause, or (neither) shown. Only a plain pass is shown.
func (v Verdict) Judge() (held HeldBecause, refused bool) {
	switch {
	case v.Label == LabelPolitics:
		return HeldPolitics, false
	case v.Suggest == "pass":
		return "", false
	case v.Suggest == "risky":
		return "", true
	}
	return HeldReview, false
}

// CommentQueue is which comments a moderator asks for: those of a state, those that members have reported, or all that wait for a look.
type CommentQueue string

// The queues beside the states. Under pending stands all that waits for a look: what is pending, and what is visible and reported.
const (
	QueueWaiting  = CommentQueue(CommentPending)
	QueueReported = CommentQueue("reported")
)

// Valid reports whether q is one of the queues.
func (q CommentQueue) Valid() bool {
	return q == QueueReported || CommentState(q).Valid()
}

// MaxComment is how many characters a comment may have.
const MaxComment = 500

// MaxReason is how many characters a moderator's reason may have.
const MaxReason = 200

// Comment is what a member says below an article.
type Comment struct {
	ID          string `gorm:"primaryKey"`
	ArticleID   string
	AuthorID    string
	AuthorOrgID string // where the author stood when writing; empty for who stands nowhere
	ReplyTo     string // the comment that is answered; it may have been deleted since
	Content     string
	State       CommentState
	Held        HeldBecause
	Reason      string // why it is hidden
	ModeratorID string
	ModeratedAt *time.Time
	Likes       int64
	CreatedAt   time.Time

	AnswerTo string // the comment that is answered, where it is an answer itself; ReplyTo is the head of its thread
	Label    int    // what WeChat's check found; 0 when it found nothing
	Reports  int    // by members, and not looked at yet
}

// CommentReport is one member's word that a comment should be looked at. Nobody learns who said it.
type CommentReport struct {
	CommentID string `gorm:"primaryKey"`
	MemberID  string `gorm:"primaryKey"`
	Reason    string
	Settled   bool // a moderator has looked
	CreatedAt time.Time
}

// CommentLike is one member's like of a comment.
type CommentLike struct {
	CommentID string `gorm:"primaryKey"`
	MemberID  string `gorm:"primaryKey"`
	CreatedAt time.Time
}

// CommentSwitch names the setting that opens ("on", also when missing) or closes ("off") the comments of a category; of the whole site for no category.
func CommentSwitch(c Category) string { return "comments." + string(c) }

// CommentSwitches say where comments are open. The site's goes before the categories'.
type CommentSwitches struct {
	Site       bool
	Categories map[Category]bool
}

// Open reports whether comments of a category are open.
func (s CommentSwitches) Open(c Category) bool { return s.Site && s.Categories[c] }

// CanSetComments: the committee's office decides where comments are open, since the category of the mini-program decides what it may show.
func CanSetComments(a *Actor, officePath string) bool {
	return a.Bound() && a.Has(RoleStaff, officePath)
}

// OfficePath is the place whose staff decide for the whole installation: the society, also where an association stands above it; with several
// societies what is above them all. The organisations come parents first.
func OfficePath(orgs []Org) string {
	var root *Org
	var societies []*Org
	for i := range orgs {
		switch o := &orgs[i]; {
		case root == nil && o.ParentID == nil:
			root = o
		case o.Kind == OrgSociety:
			societies = append(societies, o)
		}
	}
	if root == nil {
		return EverywherePath
	}
	if root.Kind == OrgAssociation && len(societies) == 1 && Within(societies[0].Path, root.Path) {
		return societies[0].Path
	}
	return root.Path
}

// CheckLabel says in Chinese what a label of WeChat's check means; empty for none.
func CheckLabel(label int) string {
	switch label {
	case 0, 100:
		return ""
	case 10001:
		return "广告"
	case LabelPolitics:
		return "时政"
	case 20002:
		return "色情"
	case 20003:
		return "辱骂"
	case 20006:
		return "违法犯罪"
	case 20008:
		return "欺诈"
	case 20012:
		return "低俗"
	case 20013:
		return "版权"
	}
	return "其他"
}

// CanModerate: the committee of an article's organisation, and whoever leads above it, looks after its comments.
func CanModerate(a *Actor, ar *Article) bool {
	return a.Bound() && a.Has(RoleCommitteeMember, ar.OrgPath)
}

// CanModerateAnywhere tells who has a moderation queue at all.
func CanModerateAnywhere(a *Actor) bool { return a.Bound() && a.HasAnywhere(RoleCommitteeMember) }

// CanComment: members who may see what is published. Whether the category's comments are open is asked apart.
func CanComment(a *Actor, ar *Article) bool {
	return a.Bound() && ar.State == ArticlePublished && CanSeeArticle(a, ar)
}

// CanSeeComment: what is visible is for whoever may see the article; the rest is for its author and the moderators.
func CanSeeComment(a *Actor, ar *Article, c *Comment) bool {
	if CanModerate(a, ar) || (a.Bound() && a.MemberID == c.AuthorID) {
		return true
	}
	return c.State == CommentVisible && CanSeeArticle(a, ar)
}

// CanReport: members may ask for a look at what others say, where it is shown.
func CanReport(a *Actor, c *Comment) bool {
	return a.Bound() && c.State == CommentVisible && a.MemberID != c.AuthorID
}

// CanDeleteComment: the author, in whatever state and also after having left the branch, and the moderators.
func CanDeleteComment(a *Actor, ar *Article, c *Comment) bool {
	return CanModerate(a, ar) || (a.Bound() && a.MemberID == c.AuthorID)
}

// ModerationPaths are the paths below which the actor moderates.
func ModerationPaths(a *Actor) []string {
	var paths []string
	if !a.Bound() {
		return paths
	}
	for _, p := range a.Powers {
		if p.Role.Rank() >= RoleCommitteeMember.Rank() && !slices.Contains(paths, p.Path) {
			paths = append(paths, p.Path)
		}
	}
	return paths
}
