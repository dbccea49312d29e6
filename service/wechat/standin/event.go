package standin

import (
	"bytes"
	"fmt"
	"strings"
)

// field is one entry of an event, in the order in which WeChat writes it. Its value is a string, an int, an
// int64, []field (an object), [][]field (an array) or a list.
type field struct {
	key   string
	value any
}

// list is the List of the subscribe-message events: in JSON an object when it has one item and an array when it
// has more, in XML repeated inside a wrapper.
type list struct {
	wrapper string
	items   [][]field
}

// jsonOf writes the fields as one JSON object.
func jsonOf(fields []field) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range fields {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(encode(f.key))
		b.WriteByte(':')
		b.Write(jsonValue(f.value))
	}
	b.WriteByte('}')
	return b.Bytes()
}

func jsonValue(v any) []byte {
	switch v := v.(type) {
	case []field:
		return jsonOf(v)
	case list:
		if len(v.items) == 1 {
			return jsonOf(v.items[0])
		}
		return jsonValue(v.items)
	case [][]field:
		parts := make([][]byte, 0, len(v))
		for _, item := range v {
			parts = append(parts, jsonOf(item))
		}
		return append(append([]byte{'['}, bytes.Join(parts, []byte{','})...), ']')
	}
	return encode(v)
}

// xmlOf writes the fields as one <xml> document, strings in CDATA.
func xmlOf(fields []field) []byte {
	var b bytes.Buffer
	b.WriteString("<xml>")
	xmlFields(&b, fields)
	b.WriteString("</xml>")
	return b.Bytes()
}

func xmlFields(b *bytes.Buffer, fields []field) {
	for _, f := range fields {
		switch v := f.value.(type) {
		case list:
			b.WriteString("<" + v.wrapper + ">")
			for _, item := range v.items {
				xmlElement(b, f.key, item)
			}
			b.WriteString("</" + v.wrapper + ">")
		case [][]field:
			for _, item := range v {
				xmlElement(b, f.key, item)
			}
		default:
			xmlElement(b, f.key, v)
		}
	}
}

func xmlElement(b *bytes.Buffer, key string, value any) {
	key = strings.TrimSpace(key)
	b.WriteString("<" + key + ">")
	switch v := value.(type) {
	case []field:
		xmlFields(b, v)
	case string:
		b.WriteString("<![CDATA[" + strings.ReplaceAll(v, "]]>", "]]]]><![CDATA[>") + "]]>")
	default:
		fmt.Fprint(b, v)
	}
	b.WriteString("</" + key + ">")
}

// emit queues a subscribe-message event. The caller holds the lock.
func (s *Server) emit(a *app, openid, event, wrapper string, items [][]field) {
	if s.quirks.ChangeWithPopupTag && event == "subscribe_msg_change_event" {
		wrapper = "SubscribeMsgPopupEvent"
	}
	s.emitFields(a, openid, openid, event, []field{{"List", list{wrapper, items}}})
}

// emitFields queues any event, addressed by from and told about openid. The caller holds the lock.
func (s *Server) emitFields(a *app, from, openid, event string, fields []field) {
	now := s.opt.Clock()
	created := any(now.Unix())
	if s.quirks.StringCreateTime {
		created = decimal(now.Unix())
	}
	all := append([]field{{"ToUserName", a.OriginalID}, {"FromUserName", from}, {"CreateTime", created},
		{"MsgType", "event"}, {"Event", event}}, fields...)
	s.enqueue(a, openid, event, all)
}

// The events by which WeChat tells what a user did with their data.
const (
	EventProfile   = "user_info_modified"
	EventRevoke    = "user_authorization_revoke"
	EventCancelled = "user_authorization_cancellation"
)

// Authorisation pushes one of the user_* events. They come from the platform; the user stands in OpenID.
// revokeInfo is WeChat's number for what was withdrawn, such as "8" for the phone number.
func (s *Server) Authorisation(event, appid, openid, revokeInfo string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.apps[appid]
	if a == nil {
		return
	}
	key := "OpenID"
	if s.quirks.SpacedOpenID {
		key = " OpenID"
	}
	s.emitFields(a, "oplatform0000000000000000000", openid, event, []field{
		{key, openid}, {"AppID", a.AppID}, {"RevokeInfo", revokeInfo}, {"PluginID", ""}, {"OpenPID", ""}})
	s.notify()
}
