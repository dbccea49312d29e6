package main

import (
	"time"

	"zhibu/api"
	"zhibu/demo"
	"zhibu/model"
)

// personaCodeLife is how long the stand-in's codes hold, as WeChat's do.
const personaCodeLife = 5 * time.Minute

// Personas are those to sign in as, for browsers.
func (s *simulator) Personas() []api.Persona {
	out := make([]api.Persona, len(s.world.Personas))
	for i, p := range s.world.Personas {
		who := s.person(p)
		out[i] = api.Persona{Key: p.Key, Name: who.Name, Role: p.Label, Hint: p.Hint, Bound: who.Bound}
		if who.Name == "" {
			out[i].Name = p.Label
		}
	}
	return out
}

// person is who a persona is on the roster; empty for the visitor.
func (s *simulator) person(p demo.Persona) demo.Person {
	for _, who := range s.world.People {
		if who.Key == p.Person && p.Person != "" {
			return who
		}
	}
	return demo.Person{}
}

func (s *simulator) persona(key string) (demo.Persona, error) {
	for _, p := range s.world.Personas {
		if p.Key == key {
			return p, nil
		}
	}
	return demo.Persona{}, model.NotFound("这个演示角色")
}

// LoginCode is the persona's wx.login.
func (s *simulator) LoginCode(key string) (string, time.Duration, error) {
	p, err := s.persona(key)
	if err != nil {
		return "", 0, err
	}
	return s.server.MintCode(s.app.AppID, p.OpenID), personaCodeLife, nil
}

// PhoneCode is the persona's tap on the phone button.
func (s *simulator) PhoneCode(key string) (string, time.Duration, error) {
	p, err := s.persona(key)
	if err != nil {
		return "", 0, err
	}
	who := s.person(p)
	if who.Phone == "" {
		return "", 0, model.BadField("persona", "no_phone", "这个演示角色没有手机号，无法按手机号绑定；可以换“新会员”体验绑定。")
	}
	return s.server.MintPhoneCode(s.app.AppID, p.OpenID, who.Phone), personaCodeLife, nil
}
