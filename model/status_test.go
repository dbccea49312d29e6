package model

import "testing"

func TestParsePartyStatus(t *testing.T) {
	for want, wordings := range map[PartyStatus][]string{
		PartyFull:         {"党员", "中共党员", "正式党员", " 中共 党员 ", "中共党员（正式）", "中国共产党党员", "共产党员", "中共党员\u3000"},
		PartyProbationary: {"预备党员", "中共预备党员", "中共党员（预备）", "中共党员(预备期)", "中国共产党预备党员"},
		PartyApplicant:    {"入党积极分子", "积极分子", "发展对象"},
		PartyNone:         {"群众", "普通群众", "非党员"},
	} {
		for _, s := range wordings {
			if got, ok := ParsePartyStatus(s); !ok || got != want {
				t.Errorf("ParsePartyStatus(%q) = %q, %v", s, got, ok)
			}
		}
		if got, ok := ParsePartyStatus(want.Label()); !ok || got != want {
			t.Errorf("the label %q of %s is read back as %q", want.Label(), want, got)
		}
	}
	for _, s := range []string{"", " ", "共青团员", "团员", "民盟盟员", "民革党员", "农工党党员", "九三学社社员", "无党派人士", "入党申请人", "full", "不是党员", "是", "-"} {
		if got, ok := ParsePartyStatus(s); ok || got != "" {
			t.Errorf("ParsePartyStatus(%q) = %q, want refused", s, got)
		}
	}
}

func TestPartyStatusRights(t *testing.T) {
	for _, c := range []struct {
		p                   PartyStatus
		valid, inParty, may bool
	}{
		{PartyFull, true, true, true},
		{PartyProbationary, true, true, false},
		{PartyApplicant, true, false, false},
		{PartyNone, true, false, false},
		{"", false, false, false},
		{"member", false, false, false},
	} {
		if c.p.Valid() != c.valid || c.p.InParty() != c.inParty || c.p.MayVote() != c.may {
			t.Errorf("%q: valid %v, in the Party %v, votes %v", c.p, c.p.Valid(), c.p.InParty(), c.p.MayVote())
		}
	}
}
