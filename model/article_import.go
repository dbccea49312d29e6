package model

import "time"

// ArticleImport remembers by what something was known that became a draft, so that importing it again adds nothing. One draft has several: the
// address it came from, and its content.
type ArticleImport struct {
	Source    string `gorm:"primaryKey"` // a hash of the organisation and of what tells the thing from others
	ArticleID string
	Digest    string // of the content as it came
	CreatedAt time.Time
}
