package wechat

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"zhibu/model"
)

// The events that mean something to us, as Event.Name has them. Others come with their name and key alone.
const (
	EventPopup        = "subscribe_msg_popup_event"
	EventChange       = "subscribe_msg_change_event"
	EventSent         = "subscribe_msg_sent_event"
	EventMedia        = "wxa_media_check"
	EventTemplateJob  = "templatesendjobfinish"
	EventInfoModified = "user_info_modified"
	EventRevoke       = "user_authorization_revoke"
	EventCancellation = "user_authorization_cancellation"
	EventFollow       = model.WechatFollow   // somebody follows the service account; OpenID is theirs at it
	EventUnfollow     = model.WechatUnfollow // or no longer does
)

// Event is what WeChat pushed, with the odd shapes evened out.
type Event struct {
	Name      string    // in lower case; empty for a person's message
	MsgType   string    // event, text, …
	OpenID    string    // whom it is about; may be empty
	CreatedAt time.Time // zero when WeChat gave none
	// Key is the same for each delivery of one event and differs between events. At most 80 ASCII characters.
	Key string

	Popup       []Grant      // EventPopup: the person answered the dialog
	Change      []Grant      // EventChange: the person changed the settings
	Sent        []SendResult // EventSent
	Media       *MediaResult // EventMedia
	Revoke      *Revoke      // EventInfoModified, EventRevoke, EventCancellation
	TemplateJob *JobResult   // EventTemplateJob
}

// Grant is a person's answer about one template.
type Grant struct {
	TemplateID string
	Accept     bool
	Scene      string
}

// SendResult is what became of a subscribe message that WeChat had taken.
type SendResult struct {
	TemplateID string
	MsgID      string
	OK         bool
	ErrorCode  int
	Status     string
}

// MediaResult is the verdict on a file. It is Pass only when WeChat says so; a check that failed asks for a person.
type MediaResult struct {
	TraceID string
	Suggest Suggest
	Label   int
	ErrCode int
}

// Revoke says that a person took back permissions or closed the account: what they cover must be erased.
type Revoke struct {
	OpenID string
	Info   []int // which permissions; empty when WeChat names none
}

// JobResult is what became of a template message of the service account.
type JobResult struct {
	MsgID  string
	OK     bool
	Status string
}

// event reads the tree of a message whose origin is proven.
func (r Receiver) event(t tree, raw []byte) (Event, error) {
	e := Event{Name: strings.ToLower(t.text("event")), MsgType: strings.ToLower(t.text("msgtype")), OpenID: t.text("fromusername")}
	if e.Name == "" && e.MsgType == "" {
		return Event{}, errUnreadable()
	}
	if s := whole(t.text("createtime")); s > 0 && s < 1<<40 {
		e.CreatedAt = time.Unix(int64(s), 0).In(model.Zone)
	}
	parts := e.read(t)
	// An event without a time and marks of its own is told apart by all it says.
	if id := t.text("msgid"); e.MsgType != "event" && id != "" {
		parts = append(parts, id)
	} else if e.CreatedAt.IsZero() || (len(parts) == 0 && !known(e.Name)) {
		parts = append(parts, string(raw))
	}
	slices.Sort(parts) // a redelivery may list the same items in another order
	all := append([]string{r.AppID, t.text("fromusername"), t.text("createtime"), e.Name, e.MsgType}, parts...)
	sum := sha256.Sum256([]byte(strings.Join(all, "\x00")))
	e.Key = label(e.Name) + ":" + hex.EncodeToString(sum[:16])
	return e, nil
}

// label is the readable beginning of a key.
func label(name string) string {
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return -1
	}, name)
	if name == "" {
		name = "message"
	}
	return name[:min(len(name), 40)]
}

func known(event string) bool {
	switch event {
	case EventPopup, EventChange, EventSent, EventMedia, EventTemplateJob, EventInfoModified, EventRevoke, EventCancellation, EventFollow, EventUnfollow:
		return true
	}
	return false
}

// read fills the event's own part and returns what tells it from others of the same second.
func (e *Event) read(t tree) (parts []string) {
	switch e.Name {
	case EventPopup:
		e.Popup, parts = grants(t)
	case EventChange:
		e.Change, parts = grants(t)
	case EventSent:
		for _, item := range t.items() {
			s := SendResult{
				TemplateID: item.text("templateid"), MsgID: item.text("msgid"),
				ErrorCode: whole(item.text("errorcode")), Status: item.text("errorstatus"),
			}
			s.OK = s.ErrorCode == 0 && (s.Status == "" || strings.EqualFold(s.Status, "success"))
			e.Sent = append(e.Sent, s)
			parts = append(parts, s.TemplateID+" "+s.MsgID)
		}
	case EventMedia:
		e.Media = media(t)
		parts = []string{e.Media.TraceID}
	case EventTemplateJob:
		status := t.text("status")
		e.TemplateJob = &JobResult{MsgID: t.text("msgid"), Status: status, OK: strings.EqualFold(status, "success")}
		parts = []string{e.TemplateJob.MsgID}
	case EventInfoModified, EventRevoke, EventCancellation:
		// The sender of these is the platform, so only the field of its own names the person.
		e.OpenID = t.text("openid")
		e.Revoke = &Revoke{OpenID: e.OpenID, Info: numbers(t["revokeinfo"])}
		parts = []string{e.OpenID + " " + t.text("pluginid", "openpid") + " " + fmt.Sprint(e.Revoke.Info)}
	}
	return parts
}

func grants(t tree) (out []Grant, parts []string) {
	for _, item := range t.items() {
		status := strings.ToLower(item.text("subscribestatusstring"))
		// The settings also know acceptWithAudio and the like.
		g := Grant{TemplateID: item.text("templateid"), Accept: strings.HasPrefix(status, "accept"), Scene: item.text("popupscene")}
		out = append(out, g)
		parts = append(parts, g.TemplateID+" "+status)
	}
	return out, parts
}

func media(t tree) *MediaResult {
	result := t.sub("result")
	m := &MediaResult{TraceID: t.text("trace_id"), Label: whole(result.text("label")), ErrCode: whole(t.text("errcode", "status_code"))}
	suggest := result.text("suggest")
	if suggest == "" {
		// The first version of the API said it thus.
		switch t.text("isrisky") {
		case "1":
			suggest = string(Risky)
		case "0":
			suggest = string(Pass)
		}
	}
	m.Suggest = reviewed(suggest)
	if m.ErrCode != 0 && m.Suggest == Pass {
		m.Suggest = Review
	}
	return m
}

// numbers reads one number, a list of them, or text that separates them somehow.
func numbers(v any) (out []int) {
	switch v := v.(type) {
	case string:
		for _, s := range strings.FieldsFunc(v, func(r rune) bool { return r < '0' || r > '9' }) {
			out = append(out, whole(s))
		}
	case []any:
		for _, e := range v {
			out = append(out, numbers(e)...)
		}
	}
	return out
}
