package model

import (
	"reflect"
	"strings"
	"testing"
)

func TestCheckTemplates(t *testing.T) {
	meeting := TemplateFact{ID: "M", Title: "会议通知", Kind: QuotaOneTime, Keys: []string{"thing1", "time2"}}
	good := PushTemplate{ID: "M", Kind: QuotaOneTime, Fields: map[string]string{"topic": "thing1", "time": "time2"}}
	with := func(change func(*PushTemplate)) PushTemplate {
		p := good
		p.Fields = map[string]string{"topic": "thing1", "time": "time2"}
		change(&p)
		return p
	}
	for name, c := range map[string]struct {
		settings PushTemplate
		have     TemplateFact
		want     []string // code, field, key
	}{
		"all right":       {good, meeting, nil},
		"kind by default": {with(func(p *PushTemplate) { p.Kind = "" }), meeting, nil},
		"service account": {good, TemplateFact{ID: "M", Title: "会议通知", Keys: meeting.Keys}, nil},
		"missing":         {with(func(p *PushTemplate) { p.ID = "X" }), meeting, []string{"missing  "}},
		"wrong kind":      {with(func(p *PushTemplate) { p.Kind = QuotaLongTerm }), meeting, []string{"wrong_kind  "}},
		"missing key":     {with(func(p *PushTemplate) { p.Fields["time"] = "time9" }), meeting, []string{"missing_key time time9", "unfilled_key  time2"}},
		"hole":            {with(func(p *PushTemplate) { delete(p.Fields, "time") }), meeting, []string{"unfilled_key  time2"}},
		"key twice":       {with(func(p *PushTemplate) { p.Fields["place"] = "thing1" }), meeting, []string{"key_twice place、topic thing1"}},
		"unknown field":   {with(func(p *PushTemplate) { delete(p.Fields, "topic"); p.Fields["topik"] = "thing1" }), meeting, []string{"unknown_field topik thing1"}},
		"no fields":       {with(func(p *PushTemplate) { p.Fields = nil }), meeting, []string{"no_fields  "}},
		"no keys":         {good, TemplateFact{ID: "M", Title: "会议通知", Kind: QuotaOneTime}, []string{"no_fields  "}},
		"keys changed":    {good, TemplateFact{ID: "M", Title: "会议通知", Kind: QuotaOneTime, Keys: []string{"thing1", "time3"}}, []string{"missing_key time time2", "unfilled_key  time3"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range CheckTemplates(map[PushKind]PushTemplate{PushMeeting: c.settings}, []TemplateFact{{ID: "other"}, c.have}) {
				got = append(got, string(f.Code)+" "+f.Field+" "+f.Key)
				if f.Fatal() == (f.Code == TemplateUnknownField) {
					t.Errorf("%s: fatal is %v", f.Code, f.Fatal())
				}
				if s := f.Error(); s == "" || strings.Contains(s, "%!") || !strings.Contains(s, "meeting") {
					t.Errorf("says %q", s)
				}
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// The faults come in the same order each time, and one kind's do not hide another's.
func TestCheckTemplatesNamesAll(t *testing.T) {
	settings := map[PushKind]PushTemplate{"birthday": {ID: "B"}, PushStudy: {ID: "S"}, PushDigest: {ID: "D"}, PushMeeting: {ID: "M"}}
	for range 20 {
		var got []string
		for _, f := range CheckTemplates(settings, nil) {
			got = append(got, string(f.Kind)+" "+string(f.Code))
		}
		if want := []string{"birthday unknown_kind", "digest unknown_kind", "meeting missing", "study missing"}; !reflect.DeepEqual(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	if got := CheckTemplates(nil, nil); got != nil {
		t.Errorf("without settings: %v", got)
	}
}
