package model

import "time"

// Notice is one push in one member's in-app inbox. The push holds the text, unless the member has a text of their own, as in a digest.
type Notice struct {
	ID        string `gorm:"primaryKey"`
	PushID    string
	MemberID  string
	Title     string // empty: the push's
	Body      string
	ReadAt    *time.Time
	CreatedAt time.Time
}
