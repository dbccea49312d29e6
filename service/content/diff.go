package content

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"zhibu/model"
)

// Difference is one thing that an edit changed.
type Difference struct {
	Field string // title, digest, key_points or body
	Kind  string // added, removed or changed
	Was   string // of what was removed or changed
	Is    string // of what was added or changed
}

// Differences are what one version of an article changed.
type Differences struct {
	Version, Against int // Against is 0 for the first version
	Correction       string
	List             []Difference
}

// Differences tells editors what a version changed against the one before it: title and digest as they were and are, key points and paragraphs added
// and removed.
// Errors: not_found, forbidden.
func (s *Service) Differences(ctx context.Context, actor *model.Actor, id string, version int) (*Differences, error) {
	if _, err := editable(ctx, s.store, actor, id); err != nil {
		return nil, err
	}
	now, before, err := s.store.Revision(ctx, id, version)
	if err != nil {
		return nil, err
	}
	d := &Differences{Version: version, Correction: now.Correction}
	if before == nil {
		return d, nil
	}
	d.Against = before.Version
	for _, f := range []struct{ field, was, is string }{{"title", before.Title, now.Title}, {"digest", before.Digest, now.Digest}} {
		if f.was != f.is {
			d.List = append(d.List, Difference{Field: f.field, Kind: "changed", Was: f.was, Is: f.is})
		}
	}
	d.List = append(d.List, lineDifferences("key_points", before.KeyPoints, now.KeyPoints)...)
	d.List = append(d.List, lineDifferences("body", linesOf(before.HTML), linesOf(now.HTML))...)
	return d, nil
}

// pictureIn finds the pictures of a text, by the end of what names them.
var pictureIn = regexp.MustCompile(`<img [^>]*?src="[^"]*?([^"/]{1,6})"`)

// linesOf are the paragraphs of a text, a table's row being one, and after them its pictures.
func linesOf(clean string) []string {
	var lines []string
	if plain := plainOf(clean); plain != "" {
		lines = strings.Split(plain, "\n")
	}
	for _, m := range pictureIn.FindAllStringSubmatch(clean, -1) {
		lines = append(lines, "［图片 "+m[1]+"］")
	}
	return lines
}

// mostCells bounds the table by which two texts are compared; what is larger counts as written anew.
const mostCells = 4 << 20

// lineDifferences compares line by line: what both share in the same order stays, everything else was removed or added. A line that stands in the place
// of another is changed.
func lineDifferences(field string, was, is []string) []Difference {
	start := 0
	for start < len(was) && start < len(is) && was[start] == is[start] {
		start++
	}
	was, is = was[start:], is[start:]
	for len(was) > 0 && len(is) > 0 && was[len(was)-1] == is[len(is)-1] {
		was, is = was[:len(was)-1], is[:len(is)-1]
	}
	shared := commonLines(was, is)
	var list []Difference
	flush := func(removed, added []string) {
		both := min(len(removed), len(added))
		for i := range both {
			list = append(list, Difference{field, "changed", removed[i], added[i]})
		}
		for _, l := range removed[both:] {
			list = append(list, Difference{field, "removed", l, ""})
		}
		for _, l := range added[both:] {
			list = append(list, Difference{field, "added", "", l})
		}
	}
	for _, l := range shared {
		i, j := slices.Index(was, l), slices.Index(is, l)
		flush(was[:i], is[:j])
		was, is = was[i+1:], is[j+1:]
	}
	flush(was, is)
	return list
}

// commonLines is the longest list of lines that both have in the same order.
func commonLines(a, b []string) []string {
	if len(a)*len(b) == 0 || len(a)*len(b) > mostCells {
		return nil
	}
	best := make([][]int32, len(a)+1)
	for i := range best {
		best[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				best[i][j] = best[i+1][j+1] + 1
			} else {
				best[i][j] = max(best[i+1][j], best[i][j+1])
			}
		}
	}
	var shared []string
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			shared = append(shared, a[i])
			i, j = i+1, j+1
		case best[i+1][j] >= best[i][j+1]:
			i++
		default:
			j++
		}
	}
	return shared
}
