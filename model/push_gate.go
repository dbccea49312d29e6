package model

import "time"

// PushGate keeps senders from something for a while: an API whose quota of the day is used up, a template that WeChat has banned, a page that
// it does not know. All processes share the gates, and a new start finds them.
type PushGate struct {
	Name      string `gorm:"primaryKey"`
	Until     time.Time
	Why       string
	Slot      int64 // the second whose messages Taken counts, for the gate of the rate
	Taken     int
	UpdatedAt time.Time
}

// The gates, by what they are about. One gate stands for each API, template and page.
const (
	GateDaily    = "daily:"    // and the channel: WeChat takes no more today
	GateQuiet    = "quiet:"    // and the channel: WeChat asks for a pause
	GateTemplate = "template:" // and the template's id: out of service
	GatePage     = "page:"     // and the path: cards go without it
	GateRate     = "rate:"     // and the channel: how many messages this second has had
)
