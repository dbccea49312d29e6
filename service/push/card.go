package push

import (
	"context"
	"strconv"
	"strings"
	"time"

	"zhibu/model"
)

const cardTime = "2006年01月02日 15:04"

// fieldsOf are all fields of the kind that carries a push: what was given, and what stands for the rest, since WeChat refuses a card with a hole.
func fieldsOf(p *model.Push, kind model.PushKind, title, body string) map[string]string {
	due := model.DateOf(p.SendAt).Add(1).Start().Add(-time.Minute)
	if p.ExpiresAt != nil {
		due = *p.ExpiresAt
	}
	note := model.SingleLine(body)
	if note == "" {
		note = "点击查看详情"
	}
	instead := map[string]string{
		"title": title, "topic": title, "place": "详见通知", "from": "党支部", "state": "有新进展", "note": note,
		"time": p.SendAt.In(model.Zone).Format(cardTime), "due": due.In(model.Zone).Format(cardTime),
	}
	out := map[string]string{}
	for _, name := range kind.FieldNames() {
		out[name] = instead[name]
		if v := strings.TrimSpace(p.Fields[name]); v != "" {
			out[name] = v
		}
	}
	return out
}

// card fits the fields to the template's keys. It names the field for which no legal value exists.
func (s *Service) card(c model.Channel, t *model.PushTemplate, fields map[string]string) (data map[string]string, fault string) {
	data = make(map[string]string, len(t.Fields))
	for name, key := range t.Fields {
		v, _ := s.carriers[c].Fit(key, fields[name], s.check.among(t.ID, key))
		if v == "" {
			return nil, name
		}
		data[key] = v
	}
	return data, ""
}

// face is a card ready to be sent; with a fault there is none. All recipients of a push share it, but for digests.
type face struct {
	data  map[string]string
	fault string // the field for which no legal value exists
}

// faces makes the cards of a batch, each once.
func (s *Service) faces(jobs []job) {
	type about struct{ push, template string }
	made := map[about]*face{}
	for i, j := range jobs {
		of := about{j.push.ID, j.d.TemplateID}
		f := made[of]
		if f == nil || j.d.OwnTitle != "" {
			f = &face{}
			f.data, f.fault = s.card(j.d.Channel, j.template, fieldsOf(j.push, j.kind, j.title(), j.body()))
			made[of] = f
		}
		jobs[i].face = f
	}
}

// call sends one claimed delivery and tells what came of it.
func (s *Service) call(ctx context.Context, j job) result {
	data, fault := j.face.data, j.face.fault
	if fault != "" {
		return result{job: j, verdict: Verdict{Kind: VerdictContent, ErrMsg: "no legal value for the field " + fault}}
	}
	page := j.push.Page
	if s.gates.isShut(model.GatePage + model.CutRunes(pathOf(page), 100)) {
		page = ""
	}
	// A stop of the program lets calls under way end by themselves: cutting them off would only make their outcome unknown.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.options.CallTimeout)
	defer cancel()
	carrier := s.carriers[j.d.Channel]
	msgID, err := carrier.Send(ctx, Message{
		OpenID: j.d.OpenID, TemplateID: j.d.TemplateID, Page: page, Data: data, ClientID: "zhibu-" + strconv.FormatInt(j.d.ID, 10),
	})
	v := Verdict{Kind: VerdictSent}
	if err != nil {
		v = carrier.Classify(err)
		v.ErrMsg = plainCause(v.ErrMsg)
	}
	return result{job: j, msgID: msgID, verdict: v, page: page}
}

// plainCause says what the end of a connection in the middle of a call is, for a ledger that is read by people.
func plainCause(errmsg string) string {
	if errmsg == "EOF" || strings.HasSuffix(errmsg, " EOF") { // also "unexpected EOF" and "…: EOF"
		return "connection broken before an answer"
	}
	return errmsg
}

// pathOf is a page without its query.
func pathOf(page string) string {
	path, _, _ := strings.Cut(page, "?")
	return path
}
