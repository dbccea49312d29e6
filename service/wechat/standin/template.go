package standin

import (
	"cmp"
	"strconv"
	"time"
)

// clientIDLife is how long a repeated client_msg_id is recognised.
const clientIDLife = 10 * time.Minute

// clientSend is an answered client_msg_id.
type clientSend struct {
	at    time.Time
	msgid int64
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// templateSend is POST /cgi-bin/message/template/send, the service account's template message. It needs no grant
// but a follower, and tells the outcome by the event TEMPLATESENDJOBFINISH.
func templateSend(c *call) reply {
	var m message
	if !c.decode(&m) {
		return c.fail(47001, "data format error")
	}
	s := c.s
	c.openid = m.ToUser
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.known(c.app.AppID, m.ToUser)
	t, ok := c.app.templates[m.Template]
	switch {
	case u == nil:
		return c.fail(40003, "invalid openid")
	case m.Template == "":
		return c.fail(40036, "invalid template_id size")
	case !ok:
		return c.fail(40037, "invalid template_id")
	case u.unfollowed:
		return c.fail(43004, "require subscribe")
	}
	if out, ok := c.checkJump(m.Mini); !ok {
		return out
	}
	for _, k := range t.Keys() {
		if v, ok := m.Data[k.Name]; !ok || v.missing || v.wrong || !fits(t, k, v.text) {
			return c.fail(47003, "argument invalid! "+k.Name+".DATA is invalid")
		}
	}
	if s.banned[t.ID] {
		return c.fail(43116, "template is restricted")
	}
	key := m.ToUser + "\x00" + m.ClientID
	if old, ok := s.clientID[key]; ok && m.ClientID != "" && c.at.Sub(old.at) < clientIDLife {
		// UNCONFIRMED: WeChat documents that a repeat is not sent again, and not what it answers. Here it is the first success once more.
		return c.ok(sendBody{fine(), old.msgid})
	}
	status := cmp.Or(s.jobs[m.ToUser], "success")
	var id int64
	if status == "success" {
		id = s.deliver(c, m, t)
	} else {
		id = s.nextID()
	}
	if m.ClientID != "" {
		for k, old := range s.clientID {
			if c.at.Sub(old.at) >= clientIDLife {
				delete(s.clientID, k)
			}
		}
		s.clientID[key] = clientSend{c.at, id}
	}
	s.emitFields(c.app, m.ToUser, m.ToUser, "TEMPLATESENDJOBFINISH", []field{{"MsgID", id}, {"Status", status}})
	return c.ok(sendBody{fine(), id})
}

// checkJump asks that the mini-program a card leads to exists, is published and is this owner's. The caller holds the lock.
func (c *call) checkJump(j *jump) (reply, bool) {
	if j == nil || j.AppID == "" {
		return reply{}, true
	}
	a := c.s.apps[j.AppID]
	if a == nil || a.Kind != Mini || !a.Published {
		return c.fail(40013, "invalid appid"), false
	}
	return reply{}, true
}
