package standin

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// SentMessage is a message that reached a user's WeChat.
type SentMessage struct {
	At         time.Time   `json:"at"`
	AppID      string      `json:"appid"`
	API        string      `json:"api"`
	OpenID     string      `json:"openid"`
	TemplateID string      `json:"template_id"`
	Title      string      `json:"title"`
	Fields     []SentField `json:"fields"`
	Page       string      `json:"page,omitempty"`
	URL        string      `json:"url,omitempty"`
	MiniAppID  string      `json:"mini_appid,omitempty"`
	State      string      `json:"miniprogram_state,omitempty"`
	Lang       string      `json:"lang,omitempty"`
	MsgID      int64       `json:"msgid"`
}

// SentField is one line of the card: 会议主题, thing1, its value.
type SentField struct {
	Label string `json:"label"`
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Value is the value of a field by its key, empty when the message has none.
func (m SentMessage) Value(key string) string {
	for _, f := range m.Fields {
		if f.Key == key {
			return f.Value
		}
	}
	return ""
}

// dataValue is {"value":"…"} as it came: WeChat tells a missing value from an empty one, and takes strings only.
type dataValue struct {
	text    string
	missing bool
	wrong   bool
}

func (v *dataValue) UnmarshalJSON(b []byte) error {
	var in struct {
		Value json.RawMessage `json:"value"`
	}
	if err := exact(b, &in); err != nil {
		v.wrong = true
		return nil //nolint:nilerr // the answer names the fault, as WeChat does
	}
	if in.Value == nil {
		v.missing = true
		return nil
	}
	v.wrong = json.Unmarshal(in.Value, &v.text) != nil
	return nil
}

// jump is where a tap leads: a page of a mini-program.
type jump struct {
	AppID string `json:"appid"`
	Page  string `json:"pagepath"`
}

func (j *jump) UnmarshalJSON(b []byte) error {
	type plain jump
	return exact(b, (*plain)(j))
}

// message is the body of the three send endpoints.
type message struct {
	ToUser   string               `json:"touser"`
	Template string               `json:"template_id"`
	Page     string               `json:"page"`
	Data     map[string]dataValue `json:"data"`
	State    string               `json:"miniprogram_state"`
	Lang     string               `json:"lang"`
	URL      string               `json:"url"`
	Mini     *jump                `json:"miniprogram"`
	ClientID string               `json:"client_msg_id"`
}

type sendBody struct {
	okBody
	MsgID int64 `json:"msgid"`
}

// subscribeSend is POST /cgi-bin/message/subscribe/send. The order in which WeChat checks is not published;
// here it is user, template, page, data, ban, words, overlap, ledger. A refused send spends nothing.
func subscribeSend(c *call) reply {
	return c.sendGranted(func(m message) (reply, bool) {
		if !c.app.hasPage(m.Page) {
			return c.fail(41030, "invalid page"), false
		}
		if !slices.Contains([]string{"", "developer", "trial", "formal"}, m.State) {
			return c.fail(47003, "argument invalid! miniprogram_state"), false
		}
		return reply{}, true
	})
}

// bizSend is POST /cgi-bin/message/subscribe/bizsend, the service account's one-time and long-term notices.
// Whether page is a web page or a mini-program's is not known, so neither is refused.
func bizSend(c *call) reply {
	return c.sendGranted(func(m message) (reply, bool) { return c.checkJump(m.Mini) })
}

// sendGranted is what the two send endpoints with a ledger share.
func (c *call) sendGranted(place func(message) (reply, bool)) reply {
	var m message
	if !c.decode(&m) {
		return c.fail(47001, "data format error")
	}
	s := c.s
	c.openid = m.ToUser
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known(c.app.AppID, m.ToUser) == nil {
		return c.fail(40003, "invalid openid")
	}
	t, ok := c.app.templates[m.Template]
	if !ok {
		return c.fail(40037, "invalid template_id")
	}
	if out, ok := place(m); !ok {
		return out
	}
	if fault := s.dataFault(t, m.Data); fault != "" {
		return c.fail(47003, fault)
	}
	if s.banned[t.ID] {
		return c.fail(43107, "subscribe capability or template is banned")
	}
	if s.sensitive(m.Data) {
		return c.fail(45168, "sensitive word hit")
	}
	if s.sending[m.ToUser] {
		return c.fail(43108, knownText(43108))
	}
	// While this call takes its time the user is occupied, and a second send to them overlaps.
	s.sending[m.ToUser] = true
	s.mu.Unlock()
	c.pause()
	s.mu.Lock()
	delete(s.sending, m.ToUser)

	g := s.ledger[grantKey{m.ToUser, t.ID}]
	if !g.allows() {
		return c.fail(43101, knownText(43101))
	}
	if !g.forever {
		g.left--
	}
	id := s.deliver(c, m, t)
	msgid := any(decimal(id))
	if s.quirks.NumericMsgID {
		msgid = id
	}
	s.emit(c.app, m.ToUser, "subscribe_msg_sent_event", "SubscribeMsgSentEvent",
		[][]field{{{"TemplateId", t.ID}, {"MsgID", msgid}, {"ErrorCode", "0"}, {"ErrorStatus", "success"}}})
	return c.ok(sendBody{fine(), id})
}

// deliver puts the message on the user's WeChat. The caller holds the lock.
func (s *Server) deliver(c *call, m message, t Template) int64 {
	out := SentMessage{At: s.opt.Clock(), AppID: c.app.AppID, API: c.api, OpenID: m.ToUser, TemplateID: t.ID, Title: t.Title,
		Page: m.Page, URL: m.URL, State: m.State, Lang: m.Lang, MsgID: s.nextID()}
	if m.Mini != nil && m.Mini.AppID != "" {
		out.MiniAppID, out.Page = m.Mini.AppID, m.Mini.Page
	}
	for _, k := range t.Keys() {
		out.Fields = append(out.Fields, SentField{Label: k.Label, Key: k.Name, Value: m.Data[k.Name].text})
	}
	s.sent[m.ToUser] = append(s.sent[m.ToUser], out)
	s.notify()
	return out.MsgID
}

// Sent lists what reached a user's WeChat, oldest first; an empty openid lists everybody's.
func (s *Server) Sent(openid string) []SentMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sentTo(openid)
}

func (s *Server) sentTo(openid string) []SentMessage {
	if openid != "" {
		return append([]SentMessage(nil), s.sent[openid]...)
	}
	var all []SentMessage
	for _, list := range s.sent {
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b SentMessage) int { return int(min(1, max(-1, a.MsgID-b.MsgID))) })
	return all
}

// hasPage reports whether a card may lead to the page; absent is a card without a link.
func (a *app) hasPage(page string) bool {
	path, _, _ := strings.Cut(page, "?")
	return path == "" || len(a.Pages) == 0 || slices.Contains(a.Pages, path)
}

// sensitive reports whether any value holds a word of the list. The caller holds the lock.
func (s *Server) sensitive(data map[string]dataValue) bool {
	for _, v := range data {
		for _, word := range s.opt.Sensitive {
			if strings.Contains(v.text, word) {
				return true
			}
		}
	}
	return false
}
