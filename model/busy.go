package model

import "time"

// BusyMark is an hour that a member has marked as taken, such as 值班 or 门诊. It is the member's own: those who call meetings learn how many of the
// invited are taken, when these are enough not to tell who, and never what is written on it.
type BusyMark struct {
	ID        string `gorm:"primaryKey"`
	MemberID  string
	Label     string
	StartsAt  time.Time
	EndsAt    time.Time
	Rule      string     // FREQ=WEEKLY… of RFC 5545 for what comes again; empty for what does not
	OverAt    *time.Time // when it no longer matters; nil while it comes again without an end
	CreatedAt time.Time
}

// CrowdSize is the fewest people about whom a number may be told, whatever the profile says: below, a number is about somebody.
const CrowdSize = 5

// Crowd is the fewest people about whom this profile has a number told. It may ask for more than CrowdSize, never for less.
func (p *Policy) Crowd() int { return max(p.Figures.Fewest, CrowdSize) }
