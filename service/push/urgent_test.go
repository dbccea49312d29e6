package push

import (
	"strings"
	"testing"

	"zhibu/model"
)

// Who is disturbed at a bad hour is told why, in the inbox and, where nothing else is noted, on the card.
func TestUrgentPushSaysWhy(t *testing.T) {
	for name, d := range map[string]Draft{
		"with words of its own": {Body: "请带上材料"},
		"made of its fields":    {Fields: map[string]string{"topic": "党课"}},
		"without any":           {},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.member("a", "oa", 1, "heart")
			d.OrgID, d.Kind, d.Title, d.UrgentReason = "heart", model.PushMeeting, "会议改期", " 会场停电\n"
			p, err := h.svc.Create(h.ctx, h.secretary(), d)
			h.must(err)
			rows, _, err := h.svc.Notices(h.ctx, &model.Actor{MemberID: "a"}, false, model.Page{})
			h.must(err)
			if len(rows) != 1 || !strings.HasPrefix(rows[0].Push.Body, "紧急通知，原因：会场停电") || !strings.Contains(rows[0].Push.Body, d.Body) || p.Reason != "会场停电" {
				t.Errorf("%q: %+v", p.Reason, rows)
			}
			if note := fieldsOf(p, p.Kind, p.Title, p.Body)["note"]; !strings.Contains(note, "会场停电") {
				t.Errorf("the card notes %q", note)
			}
		})
	}
}

// Blanks are no reason.
func TestUrgentPushNeedsAReason(t *testing.T) {
	h := newHouse(t)
	_, err := h.svc.Create(h.ctx, h.secretary(), Draft{OrgID: "heart", Kind: model.PushStudy, Title: "学习", UrgentReason: " \n"})
	if model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("%v", err)
	}
}
