package model

import (
	"slices"
	"time"
)

// Category is what an article is about.
type Category string

// The categories of the contract.
const (
	CategoryTheory  Category = "theory"  // 党建理论
	CategoryCentral Category = "central" // 中央声音
	CategoryLaw     Category = "law"     // 法律法规
	CategoryExample Category = "example" // 先进事迹
	CategoryNews    Category = "news"    // 动态
)

// Label is the category's Chinese name; empty for what is none.
func (c Category) Label() string {
	switch c {
	case CategoryTheory:
		return "党建理论"
	case CategoryCentral:
		return "中央声音"
	case CategoryLaw:
		return "法律法规"
	case CategoryExample:
		return "先进事迹"
	case CategoryNews:
		return "动态"
	}
	return ""
}

// Valid reports whether c is one of the five.
func (c Category) Valid() bool { return c.Label() != "" }

// NeedsSource: what quotes the centre or the law names where it was published.
func (c Category) NeedsSource() bool { return c == CategoryCentral || c == CategoryLaw }

// Visibility is for whom an article is meant, once it is published.
type Visibility string

// The audiences of the contract.
const (
	VisiblePublic    Visibility = "public"    // everybody, also without a token
	VisibleMembers   Visibility = "members"   // every bound member under the organisation
	VisibleParty     Visibility = "party"     // full and probationary party members among them
	VisibleCommittee Visibility = "committee" // 支委 and above
)

// Valid reports whether v is one of the four.
func (v Visibility) Valid() bool {
	return v == VisiblePublic || v == VisibleMembers || v == VisibleParty || v == VisibleCommittee
}

// ArticleState is how far an article has come.
type ArticleState string

// An article is a draft until it is published, at once or at a time; what was withdrawn may be published again.
const (
	ArticleDraft     ArticleState = "draft"
	ArticleScheduled ArticleState = "scheduled"
	ArticlePublished ArticleState = "published"
	ArticleWithdrawn ArticleState = "withdrawn"
)

var articleSteps = map[ArticleState][]ArticleState{
	ArticleDraft:     {ArticleScheduled, ArticlePublished},
	ArticleScheduled: {ArticleScheduled, ArticlePublished, ArticleWithdrawn}, // scheduled again: at another time
	ArticlePublished: {ArticleWithdrawn},
	ArticleWithdrawn: {ArticleScheduled, ArticlePublished},
}

// Valid reports whether s is one of the four.
func (s ArticleState) Valid() bool { return articleSteps[s] != nil }

// May reports whether an article in state s may go over to the next.
func (s ArticleState) May(next ArticleState) bool { return slices.Contains(articleSteps[s], next) }

// Label is the state's Chinese name.
func (s ArticleState) Label() string {
	switch s {
	case ArticleDraft:
		return "草稿"
	case ArticleScheduled:
		return "待发布"
	case ArticlePublished:
		return "已发布"
	case ArticleWithdrawn:
		return "已撤回"
	}
	return string(s)
}

// The limits of an article.
const (
	MaxTitle     = 100
	MaxDigest    = 200
	MaxKeyPoint  = 100     // how many there may be, the profile says
	MaxBody      = 200_000 // characters, markup included
	MaxNote      = 100     // of a relay
	MaxCorrected = 300     // of the word about a correction
)

// ReadWhole is the percentage from which a text counts as read: the end of a page is seldom scrolled to.
const ReadWhole = 90

// Article is one material, without its body, which only the article's own page needs.
type Article struct {
	ID             string `gorm:"primaryKey"`
	OrgID          string
	OrgPath        string // kept beside OrgID, so that who may see the article is decided without a query
	OrgKind        OrgKind
	Category       Category
	Title          string
	Digest         string
	DigestMade     bool     // made from the text, and made anew when the text changes
	KeyPoints      []string `gorm:"serializer:json"`
	DocNo          string   // 发文字号, as written
	DocKey         string   // the same in one spelling, by which it is found
	SourceName     string
	SourceURL      string `gorm:"column:source_url"`
	SourceDate     Date
	Visibility     Visibility
	State          ArticleState
	Required       bool
	DueAt          *time.Time
	Pinned         bool
	CoverID        string
	ReadingMinutes int
	MinutesMade    bool // counted from the text
	AuthorID       string
	Notify         bool // push it when its time comes
	PublishAt      *time.Time
	PublishedAt    *time.Time
	WithdrawnAt    *time.Time
	RemindedAt     *time.Time
	Version        int // of what editors write; publishing does not change it
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// ArticleBody is the text of an article: as it was written, as it is shown, and plain, for the search and for listening.
type ArticleBody struct {
	ArticleID string `gorm:"primaryKey"`
	Markdown  string // empty when HTML was pasted
	HTML      string `gorm:"column:html"` // cleaned
	Plain     string
}

// ArticleCount counts what readers did; on a row of its own, so that a like does not touch the article.
type ArticleCount struct {
	ArticleID string `gorm:"primaryKey"`
	Views     int64  // members who opened it
	Likes     int64
	Comments  int64 // visible ones
}

// ArticleRevision is what an article said at one version.
type ArticleRevision struct {
	ArticleID string `gorm:"primaryKey"`
	Version   int    `gorm:"primaryKey;autoIncrement:false"`
	Title     string
	Digest    string
	KeyPoints []string `gorm:"serializer:json"`
	HTML      string   `gorm:"column:html"`
	EditorID  string
	// Correction tells readers what was wrong in what had been published; empty where nothing was, or nothing worth a word.
	Correction string
	CreatedAt  time.Time
}

// FileRole says where an article uses a file.
type FileRole string

// The uses of a file.
const (
	FileCover      FileRole = "cover"
	FileAttachment FileRole = "attachment"
	FileBody       FileRole = "body" // a picture or link in the text
)

// ArticleFile ties a file to an article: who may see the article may see the file.
type ArticleFile struct {
	ArticleID string   `gorm:"primaryKey"`
	Role      FileRole `gorm:"primaryKey"`
	UploadID  string   `gorm:"primaryKey"`
	Place     int      // the order of the attachments
}

// FileRef is what others need to know of an uploaded file.
type FileRef struct {
	ID   string
	Name string
	Size int64
	MIME string
	URL  string
}

// ArticleRead is how far a member got. No dwell time is taken.
type ArticleRead struct {
	ArticleID  string `gorm:"primaryKey"`
	MemberID   string `gorm:"primaryKey"`
	Percent    int    // the greatest so far
	ReadAt     time.Time
	FinishedAt *time.Time // when ReadWhole was reached
}

// ArticleClaim is 单位已学: the member studied the text at the employer's own branch.
type ArticleClaim struct {
	ArticleID string `gorm:"primaryKey"`
	MemberID  string `gorm:"primaryKey"`
	StudiedOn Date
	Place     string
	CreatedAt time.Time
}

// ArticleLike is one member's like.
type ArticleLike struct {
	MemberID  string `gorm:"primaryKey"`
	ArticleID string `gorm:"primaryKey"`
	CreatedAt time.Time
}

// ArticleFavorite is one member's bookmark.
type ArticleFavorite struct {
	MemberID  string `gorm:"primaryKey"`
	ArticleID string `gorm:"primaryKey"`
	CreatedAt time.Time
}

// SearchTerm is one posting of the full-text index.
type SearchTerm struct {
	Term      string `gorm:"primaryKey"`
	ArticleID string `gorm:"primaryKey"`
}

// ArticlePrint is one of the eight parts of what a text's likeness is found by; see Prints.
type ArticlePrint struct {
	Chunk     int    `gorm:"primaryKey;autoIncrement:false"`
	ArticleID string `gorm:"primaryKey"`
}

// ArticleRelay is 转发: an organisation points its own people to an article of another, with a sentence of its own. Reading, claiming and liking are
// those of the article, and only who may see that sees this.
type ArticleRelay struct {
	ArticleID string `gorm:"primaryKey"`
	OrgID     string `gorm:"primaryKey"`
	OrgPath   string
	Note      string
	AuthorID  string
	CreatedAt time.Time
}

// AttendedMeeting is a meeting somebody attended, as the study record counts it.
type AttendedMeeting struct {
	MeetingID string
	Topic     string
	StartsAt  time.Time
	Minutes   int
}
