package model

import (
	"strings"
	"time"
)

// OrgKind is the kind of a place in the organisation's tree.
type OrgKind string

// The kinds, from the root down. A child is always of a later kind than its parent.
const (
	OrgAssociation OrgKind = "association"
	OrgSociety     OrgKind = "society"
	OrgBranch      OrgKind = "branch"
	OrgGroup       OrgKind = "group"
)

// Label is the kind's Chinese name.
func (k OrgKind) Label() string {
	switch k {
	case OrgAssociation:
		return "学会"
	case OrgSociety:
		return "学会党委"
	case OrgBranch:
		return "分支机构党支部"
	case OrgGroup:
		return "党小组"
	}
	return string(k)
}

func (k OrgKind) rank() int {
	switch k {
	case OrgAssociation:
		return 1
	case OrgSociety:
		return 2
	case OrgBranch:
		return 3
	case OrgGroup:
		return 4
	}
	return 0
}

// Valid reports whether k is one of the four kinds.
func (k OrgKind) Valid() bool { return k.rank() > 0 }

// MayHold reports whether an organisation of kind k may have a child of that kind.
func (k OrgKind) MayHold(child OrgKind) bool { return k.Valid() && child.rank() > k.rank() }

// Org is one place in the tree. Path is "/root/…/id/", so that a subtree is a prefix and an ancestor test needs no query.
type Org struct {
	ID        string `gorm:"primaryKey"`
	ParentID  *string
	Kind      OrgKind
	Name      string
	Path      string
	Depth     int
	Version   int
	CreatedAt time.Time
	UpdatedAt time.Time
}

// EverywherePath is the path of a grant that holds for the whole installation, also before there is any organisation.
const EverywherePath = "/"

// PathUnder is the path of a child.
func PathUnder(parentPath, id string) string {
	if parentPath == "" {
		parentPath = EverywherePath
	}
	return parentPath + id + "/"
}

// PathIDs are the identifiers along a path, the root first and the place itself last.
func PathIDs(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// Within reports whether path lies in the subtree of ancestor, which counts as within itself.
func Within(path, ancestor string) bool {
	return ancestor != "" && strings.HasPrefix(path, ancestor)
}
