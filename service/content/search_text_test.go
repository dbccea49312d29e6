package content

import (
	"fmt"
	"html"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"

	"zhibu/model"
)

// slow is the plain reading of what a search promises: the whole text is folded, character by character, and every word sought in it.
type slow struct {
	line  []rune
	runes []rune
	at    []int
}

func slowly(text string) slow {
	f := slow{line: []rune(strings.ReplaceAll(text, "\n", " "))}
	for i, r := range []rune(model.FoldText(string(f.line))) {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.M, r) {
			f.runes, f.at = append(f.runes, r), append(f.at, i)
		}
	}
	return f
}

// places are where a word begins, in folded characters.
func (f slow) places(word []rune) (list []int) {
	for i := 0; i+len(word) <= len(f.runes); i++ {
		if slices.Equal(f.runes[i:i+len(word)], word) {
			list = append(list, i)
		}
	}
	return list
}

// slowWords are the words of a query.
func slowWords(query string) (words [][]rune) {
	for _, part := range strings.Fields(model.FoldText(model.CleanText(query))) {
		if f := slowly(part); len(f.runes) > 0 {
			words = append(words, f.runes)
		}
	}
	return words
}

// slowHighlight is the snippet of the texts, "" unless each word stands in one of them.
func slowHighlight(texts []string, words [][]rune) string {
	for _, w := range words {
		if !slices.ContainsFunc(texts, func(t string) bool { return slowly(t).places(w) != nil }) {
			return ""
		}
	}
	for _, text := range texts {
		f := slowly(text)
		marked, first := make([]bool, len(f.line)), len(f.line)
		for _, w := range words {
			for _, i := range f.places(w) {
				first = min(first, f.at[i])
				for k := f.at[i]; k <= f.at[i+len(w)-1]; k++ {
					marked[k] = true
				}
			}
		}
		if first == len(f.line) {
			continue
		}
		from := max(0, first-snippetRun)
		to := min(len(f.line), from+snippetLen)
		var b strings.Builder
		if from > 0 {
			b.WriteString("…")
		}
		for i := from; i < to; i++ {
			if marked[i] && (i == from || !marked[i-1]) {
				b.WriteString("<em>")
			}
			b.WriteString(html.EscapeString(string(f.line[i])))
			if marked[i] && (i+1 == to || !marked[i+1]) {
				b.WriteString("</em>")
			}
		}
		if to < len(f.line) {
			b.WriteString("…")
		}
		return b.String()
	}
	return ""
}

func FuzzHighlight(f *testing.F) {
	f.Add("康复 义诊", "心肺康，复\n義診 <b>", "ＣＯＶＩＤ－19")
	f.Add("aa a", "AaaAa，a", "")
	f.Add("İ K", "kİ\u0301i", "𠀀K")
	f.Fuzz(func(t *testing.T, query, first, second string) {
		if len(query) > 100 || len(first)+len(second) > 3000 {
			return
		}
		texts := []string{model.CleanText(first), model.CleanText(second)}
		words := queryWords(query)
		if want := slowWords(query); !slices.EqualFunc(words, want, slices.Equal) {
			t.Fatalf("the words of %q are %q, want %q", query, words, want)
		}
		if len(words) == 0 {
			return
		}
		got := ""
		if at, ok := locate(texts, words); ok {
			got = at.marked(words)
		}
		if want := slowHighlight(texts, words); got != want {
			t.Fatalf("%q in %q: %q, want %q", query, texts, got, want)
		}
	})
}

// Random texts of few characters, so that there is much to find, of organisations that not everybody sees: whatever way the search takes, it finds
// what a slow reading of everything finds.
func TestSearchFindsWhatASlowReadingFinds(t *testing.T) {
	h := newHouse(t)
	dice := rand.New(rand.NewPCG(4, 165))
	letters := []rune("学學习習会议精神党员，。康復 ")
	line := func(most int) string {
		rs := make([]rune, 1+dice.IntN(most))
		for i := range rs {
			rs[i] = letters[dice.IntN(len(letters))]
		}
		return string(rs)
	}
	var all []*Full
	orgs, sights := []*model.Org{h.root, h.branch, h.group, h.next}, []model.Visibility{model.VisiblePublic, model.VisibleMembers, model.VisibleParty, model.VisibleCommittee}
	for i := range 60 {
		body := "文" + line(40)
		org, sight := orgs[dice.IntN(4)], sights[min(3, dice.IntN(6))]
		if i%7 == 0 { // few are for everybody
			sight = model.VisiblePublic
		}
		id := h.publish(org, fmt.Sprint("第", i), sight, func(in *Input) {
			in.BodyMarkdown, in.KeyPoints = &body, &[]string{"要" + line(5)}
		})
		full, err := h.room.read(h.ctx, id)
		h.must(err)
		all = append([]*Full{full}, all...)
	}
	actors := map[string]*model.Actor{"stranger": nil, "layman": h.layman, "member": h.member, "leader": h.leader, "secretary": h.secretary, "office": h.office, "neighbour": h.neighbour}
	for _, reach := range []reach{usualReach(), {stretch: 3, looks: 4, few: 0}, {stretch: 2, looks: 50, few: 12}, {stretch: 5, looks: 2, few: 1000}} {
		h.room.reach, h.room.uses = reach, newTermUses()
		hits := 0
		for range 60 {
			query := strings.TrimSpace(line(4))
			words := slowWords(query)
			for name, actor := range actors {
				var want []string
				for _, a := range all {
					texts := []string{a.Body.Plain, a.Digest, strings.Join(a.KeyPoints, " "), a.Title, a.DocNo}
					if mark := slowHighlight(texts, words); mark != "" && len(words) > 0 && model.CanSeeArticle(actor, &a.Article) {
						want = append(want, a.Title+mark)
					}
				}
				var got []string
				for p := (model.Page{Limit: 1 + dice.IntN(7)}); ; {
					list, next, err := h.room.Search(h.ctx, actor, query, "", p)
					h.must(err)
					for _, hit := range list {
						got = append(got, hit.Title+hit.Highlight)
					}
					if p.Cursor = next; next == "" {
						break
					}
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%+v: %q of %s finds\n%q, want\n%q", reach, query, name, got, want)
				}
				hits += len(want)
			}
		}
		if hits < 500 {
			t.Errorf("only %d hits: the texts have too little in common", hits)
		}
	}
}
