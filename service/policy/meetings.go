package policy

import (
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"zhibu/model"
)

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// readMeetings reads the list of duties: each is a mapping of its own.
func readMeetings(r *reader, n ast.Node, at string, p *model.Policy) {
	p.Meetings = nil
	seen := map[model.MeetingType]bool{}
	for i, item := range r.sequence(n, at) {
		place := fmt.Sprintf("%s[%d]", at, i)
		d := readDuty(r, item, place)
		if seen[d.Type] {
			r.fault(item, place+".type", "duplicate", "“%s”重复填写", d.Type.Label())
		}
		if d.Type != "" {
			seen[d.Type] = true
			p.Meetings = append(p.Meetings, d)
		}
	}
}

func readDuty(r *reader, n ast.Node, at string) model.MeetingDuty {
	d := model.MeetingDuty{Minutes: 60, Rule: model.VoteOrdinary}
	seen := map[string]bool{}
	for _, kv := range r.pairs(n, at) {
		key, place := kv.Key.String(), join(at, kv.Key.String())
		if seen[key] {
			r.fault(kv.Key, place, "duplicate", "重复填写")
			continue
		}
		seen[key] = true
		switch key {
		case "type":
			text, _ := scalar(kv.Value)
			if d.Type = model.MeetingType(text); !d.Type.Valid() {
				d.Type = ""
				r.fault(kv.Value, place, "invalid_value", "没有“%s”这类会议，可填 branch_assembly、committee、group、lecture、party_day、life、review、training、other", text)
			}
		case "times":
			d.Times, _ = r.number(kv.Value, place, 0, 31)
		case "every":
			text, _ := scalar(kv.Value)
			if d.Every = model.DutyPeriod(text); everyWord(d.Every) == "" {
				r.fault(kv.Value, place, "invalid_value", "应填写 month（月）、quarter（季度）、half_year（半年）或 year（年）")
			}
		case "minutes":
			d.Minutes, _ = r.number(kv.Value, place, 5, 600)
		case "rule":
			text, _ := scalar(kv.Value)
			if d.Rule = model.VoteRule(text); !d.Rule.Valid() {
				r.fault(kv.Value, place, "invalid_value", "没有“%s”这种表决规则，可填 ordinary、admission、election、committee、consultative", text)
			}
		case "topic":
			d.Topic, _ = r.text(kv.Value, place, 0, 100)
		case "note":
			d.Note, _ = r.text(kv.Value, place, 0, 200)
		case "agenda":
			d.Agenda = readAgenda(r, kv.Value, place)
		default:
			r.fault(kv.Key, place, "unknown_field", "没有这个参数，请检查拼写或缩进")
		}
	}
	if !seen["type"] {
		r.fault(n, at+".type", "required", "必须填写会议类型")
	}
	if d.Times > 0 && !seen["every"] {
		r.fault(n, at+".every", "required", "填写了次数，还应填写周期")
	}
	return d
}

func readAgenda(r *reader, n ast.Node, at string) []model.DutyItem {
	var items []model.DutyItem
	for i, x := range r.sequence(n, at) {
		place := fmt.Sprintf("%s[%d]", at, i)
		var item model.DutyItem
		titled := false
		for _, kv := range r.pairs(x, place) {
			switch kv.Key.String() {
			case "title":
				item.Title, titled = r.text(kv.Value, place+".title", 1, 100)
			case "minutes":
				item.Minutes, _ = r.number(kv.Value, place+".minutes", 0, 600)
			default:
				r.fault(kv.Key, join(place, kv.Key.String()), "unknown_field", "没有这个参数，请检查拼写或缩进")
			}
		}
		if !titled && r.faults.Err() == nil {
			r.fault(x, place+".title", "required", "必须填写议程标题")
		}
		items = append(items, item)
	}
	return items
}

func writeMeetings(b *strings.Builder, p *model.Policy) {
	b.WriteString("# times 次数、every 周期：month 月、quarter 季度、half_year 半年、year 年；times 为 0 表示不作要求\n")
	b.WriteString("# rule 表决规则：ordinary 一般、committee 支委会、election 选举、admission 接收党员、consultative 征求意见；topic 中的 {period} 代表当期\nmeetings:\n")
	if len(p.Meetings) == 0 {
		b.WriteString("  []\n")
	}
	for _, d := range p.Meetings {
		fmt.Fprintf(b, "  - type: %s  # %s\n    times: %d\n", d.Type, d.Type.Label(), d.Times)
		if d.Every != "" {
			fmt.Fprintf(b, "    every: %s\n", d.Every)
		}
		fmt.Fprintf(b, "    minutes: %d\n    rule: %s\n    topic: %s\n", d.Minutes, d.Rule, quote(d.Topic))
		if d.Note != "" {
			fmt.Fprintf(b, "    note: %s\n", quote(d.Note))
		}
		if len(d.Agenda) > 0 {
			b.WriteString("    agenda:\n")
		}
		for _, i := range d.Agenda {
			fmt.Fprintf(b, "      - {title: %s, minutes: %d}\n", quote(i.Title), i.Minutes)
		}
	}
}

func everyWord(e model.DutyPeriod) string {
	switch e {
	case model.EveryMonth:
		return "每月"
	case model.EveryQuarter:
		return "每季度"
	case model.EveryHalf:
		return "每半年"
	case model.EveryYear:
		return "每年"
	}
	return ""
}

func ruleWord(r model.VoteRule) string {
	switch r {
	case model.VoteOrdinary:
		return "一般表决"
	case model.VoteAdmission:
		return "接收党员表决"
	case model.VoteElection:
		return "选举"
	case model.VoteCommittee:
		return "支委会表决"
	case model.VoteConsultative:
		return "征求意见"
	}
	return string(r)
}

// often is how often a kind of meeting is owed, in words.
func often(d model.MeetingDuty) string {
	if d.Times == 0 {
		return "不作要求"
	}
	return fmt.Sprintf("%s%d次", everyWord(d.Every), d.Times)
}
