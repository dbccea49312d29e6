package model

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestNormalDocNo(t *testing.T) {
	for in, want := range map[string]string{
		"中发〔2026〕8号": "中发〔2026〕8号", "中发[2026]8 号": "中发〔2026〕8号", "中发（2026）第０08号": "中发〔2026〕8号", " 国办发【2026】 12号\n": "国办发〔2026〕12号",
		"康学党字(2026)第100号": "康学党字〔2026〕100号", "中发2026年8号文": "中发2026年8号文", "": "", "〔2026〕8号": "〔2026〕8号", "中发〔26〕8号": "中发〔26〕8号", "中发〔2026〕0号": "中发〔2026〕0号",
	} {
		if got := NormalDocNo(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
		if again := NormalDocNo(NormalDocNo(in)); again != NormalDocNo(in) {
			t.Errorf("%q does not stay: %q", in, again)
		}
		if DocKey(in) != DocKey(want) {
			t.Errorf("%q and %q have keys of their own", in, want)
		}
	}
}

func TestDocNoKeepsItsLength(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.RuneFrom([]rune("中发〔〕[]（）第0128 号字年")), 0, 30, -1).Draw(t, "s")
		if n := NormalDocNo(s); utf8.RuneCountInString(n) > utf8.RuneCountInString(s) || DocKey(n) != DocKey(s) {
			t.Fatalf("%q becomes %q", s, n)
		}
	})
}

func text(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "第%c条%c要求%c支部开展学习，", rune(0x4e00+i*17%9000), rune(0x4e00+i*31%9000), rune(0x4e00+i*7%9000))
	}
	return b.String()
}

func sharedParts(a, b []int) int {
	n := 0
	for i := range a {
		if i < len(b) && a[i] == b[i] {
			n++
		}
	}
	return n
}

// Texts that are alike share a part of their prints, so that the second look is taken; those that are not seldom do.
func TestPrintsFindWhatIsAlike(t *testing.T) {
	missed := 0
	for i := range 100 {
		base := i * 1000
		whole := text(base, base+100)
		// A tenth is another's: about 82 of 100 pairs are common.
		changed := text(base, base+90) + text(base+50_000, base+50_010)
		if l := Likeness(Pairs(whole), Pairs(changed)); l < 0.7 || l > 0.95 {
			t.Fatalf("likeness %f", l)
		}
		if sharedParts(Prints(whole), Prints(changed)) == 0 {
			missed++
		}
	}
	if missed > 5 {
		t.Errorf("%d of 100 missed", missed)
	}
	if n := sharedParts(Prints(text(0, 100)), Prints(text(0, 100))); n != PrintChunks {
		t.Errorf("the same text shares %d parts", n)
	}
	if p := Prints("今晚七点开会。"); p != nil {
		t.Errorf("a sentence has the print %v", p)
	}
	for i, p := range Prints(text(0, 50)) {
		if p>>8 != i {
			t.Errorf("part %d is %x", i, p)
		}
	}
}

func TestLikenessIsAShare(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"康复服务", "康复服务", 1}, {"康复服务", "康復服務", 1}, {"康复服务", "学习讨论", 0}, {"康复", "康复服务", 1.0 / 3}, {"", "", 0}, {"", "康复", 0}} {
		if got := Likeness(Pairs(c.a), Pairs(c.b)); got != c.want {
			t.Errorf("%q and %q: %f, want %f", c.a, c.b, got, c.want)
		}
	}
}

func TestStudyBudget(t *testing.T) {
	b := StudyBudget{Minutes: 60, Own: 40, Above: 30}
	if b.Used() != 70 || b.Left() != -10 {
		t.Errorf("%d used, %d left", b.Used(), b.Left())
	}
}

func TestRelaysReachOnlyWhoMaySee(t *testing.T) {
	branch := &Org{Kind: OrgBranch, Path: branchPath}
	group := &Org{Kind: OrgGroup, Path: groupPath}
	leader := person(PartyFull, []Place{at(groupPath)}, power(RoleGroupLeader, groupPath))
	secretary := person(PartyFull, []Place{at(branchPath)}, power(RoleSecretary, branchPath))
	for _, c := range []struct {
		who  *Actor
		org  *Org
		want bool
	}{{secretary, branch, true}, {secretary, group, true}, {leader, group, true}, {leader, branch, false}, {nil, branch, false}, {person(PartyFull, []Place{at(branchPath)}), branch, false}} {
		if got := CanRelay(c.who, c.org); got != c.want {
			t.Errorf("%+v at %s: %v", c.who, c.org.Path, got)
		}
	}
	for _, c := range []struct {
		v    Visibility
		of   string
		to   string
		want bool
	}{{VisiblePublic, nextPath, branchPath, true}, {VisibleMembers, nextPath, branchPath, false}, {VisibleMembers, rootPath, branchPath, true}, {VisibleParty, groupPath, branchPath, false}} {
		if got := RelayReaches(&Article{Visibility: c.v, OrgPath: c.of}, c.to); got != c.want {
			t.Errorf("%s of %s to %s: %v", c.v, c.of, c.to, got)
		}
	}
}
