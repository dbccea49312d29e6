package model

import (
	"encoding/base64"
	"encoding/json"
)

// Page asks for one page of a list.
type Page struct {
	Limit  int    // 1..100, 20 when 0
	Cursor string // from the page before
}

// Size is the limit within its bounds.
func (p Page) Size() int {
	switch {
	case p.Limit <= 0:
		return 20
	case p.Limit > 100:
		return 100
	}
	return p.Limit
}

// cursor carries the name of its list, so that a cursor of one list is refused by another.
type cursor struct {
	List string `json:"l"`
	Keys any    `json:"k"`
}

// Cursor packs the sort keys of a page's last row for the list of that name.
func Cursor(list string, keys any) string {
	b, err := json.Marshal(cursor{list, keys})
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// ReadCursor unpacks a cursor into keys, a pointer. An empty cursor leaves keys as they are and reports false; a foreign or damaged one is an error naming the field.
func ReadCursor(s, list string, keys any) (bool, error) {
	if s == "" {
		return false, nil
	}
	bad := BadField("cursor", "invalid_cursor", "分页游标无效，请从第一页重新加载。")
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(s) > 1024 {
		return false, bad.Because(err)
	}
	c := cursor{Keys: keys}
	if err := json.Unmarshal(b, &c); err != nil {
		return false, bad.Because(err)
	}
	if c.List != list {
		return false, bad
	}
	return true, nil
}
