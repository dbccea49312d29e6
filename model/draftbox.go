package model

import "time"

// OfficialDraft is what the service account's draft box holds of an article.
type OfficialDraft struct {
	ArticleID  string `gorm:"primaryKey"`
	MediaID    string // empty until the first draft is there
	Title      string
	Version    int  // of the article, when it was put there
	Doubt      bool // a first draft was sent and no answer came: it may be there
	LeaseUntil time.Time
	Holder     string // who is putting it there now
	SentBy     string
	SentAt     *time.Time
	CreatedAt  time.Time
}

// OfficialPicture is a picture that a service account keeps: in a text, by its address, or as a cover, by its media id. It is uploaded once.
type OfficialPicture struct {
	SHA256    string        `gorm:"column:sha256;primaryKey"`
	Place     OfficialPlace `gorm:"primaryKey"`
	AppID     string        `gorm:"column:app_id;primaryKey"`
	Reference string
	CreatedAt time.Time
}

// OfficialPlace is where a service account shows a picture.
type OfficialPlace string

// The two places, whose pictures WeChat keeps apart.
const (
	OfficialText  OfficialPlace = "text"
	OfficialCover OfficialPlace = "cover"
)

// InDraftBox reports whether an article may be put into the draft box: only what everybody may read goes out of the house.
func InDraftBox(ar *Article) bool {
	return ar.State == ArticlePublished && ar.Visibility == VisiblePublic
}
