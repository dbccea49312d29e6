package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"zhibu/config"
	"zhibu/demo"
	"zhibu/model"
	"zhibu/service/wechat/standin"
)

// The accounts of the demonstration. Their secrets open nothing: the stand-in listens on this machine alone.
const (
	demoAppID    = "wxdemo00000000000001"
	demoOfficial = "wxdemo00000000000002" // the service account
	demoListen   = "127.0.0.1:8081"
)

// simulator is the WeChat stand-in of the demonstration with the society whose people use it.
type simulator struct {
	server *standin.Server
	world  *demo.World
	app    standin.App // the mini-program
	public standin.App // the service account
}

// startSimulator starts the stand-in on its usual port, or on a free one.
func startSimulator(clock model.Clock, log *slog.Logger) (*simulator, error) {
	world := demo.Society(clock())
	s := &simulator{world: world, server: standin.New(standin.Options{Clock: clock, Log: log})}
	s.app, s.public = demoApp(demoAppID, standin.Mini, world.Templates), demoApp(demoOfficial, standin.Official, world.OfficialTemplates)
	for _, app := range []standin.App{s.app, s.public} {
		if err := s.server.AddApp(app); err != nil {
			return nil, err
		}
	}
	s.people()
	if err := s.server.Start(demoListen); err != nil {
		if err := s.server.Start("127.0.0.1:0"); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// demoApp is an account of the stand-in with secrets of this run.
func demoApp(id string, kind standin.Kind, templates []demo.Template) standin.App {
	app := standin.App{
		AppID: id, Secret: randomText(24), Kind: kind, Token: randomText(18), AESKey: strings.TrimRight(base64.StdEncoding.EncodeToString(randomBytes(32)), "="),
		Published: true, OpenPlatform: true, CallbackMode: standin.ModeSafe, CallbackFormat: standin.FormatJSON,
	}
	for _, t := range templates {
		app.Templates = append(app.Templates, standin.Template{ID: t.ID, Title: t.Title, Kind: t.Type, Content: t.Content, Example: t.Example})
	}
	return app
}

// people puts those to sign in as on top of the stand-in's page, and the others below.
func (s *simulator) people() {
	byKey := map[string]demo.Person{}
	for _, p := range s.world.People {
		byKey[p.Key] = p
	}
	shown := map[string]bool{}
	for _, p := range s.world.Personas {
		who := byKey[p.Person]
		name := who.Name
		if name == "" {
			name = p.Label
		}
		shown[p.OpenID] = true
		s.server.AddPerson(standin.Person{OpenID: p.OpenID, OfficialOpenID: who.OfficialOpenID(), UnionID: demo.Person{OpenID: p.OpenID}.UnionID(), Name: name, Phone: who.Phone, Note: p.Label + "：" + p.Hint})
	}
	for _, p := range s.world.People {
		if !shown[p.OpenID] {
			s.server.AddPerson(standin.Person{OpenID: p.OpenID, OfficialOpenID: p.OfficialOpenID(), UnionID: p.UnionID(), Name: p.Name, Phone: p.Phone, Note: p.Employer})
		}
	}
}

// settings points the program at the stand-in.
func (s *simulator) settings(cfg *config.Config) {
	cfg.Wechat.BaseURL = s.server.URL()
	cfg.Wechat.MiniProgram = config.App{AppID: s.app.AppID, Secret: s.app.Secret, Token: s.app.Token, AESKey: s.app.AESKey}
	cfg.Wechat.Official = config.App{AppID: s.public.AppID, Secret: s.public.Secret, Token: s.public.Token, AESKey: s.public.AESKey}
	if cfg.Wechat.OfficialTemplates == nil {
		_ = json.Unmarshal([]byte(demo.WeChatOfficialTemplates()), &cfg.Wechat.OfficialTemplates) // likewise
	}
	if cfg.Wechat.Templates == nil {
		_ = json.Unmarshal([]byte(demo.WeChatTemplates()), &cfg.Wechat.Templates) // a constant that a test parses
	}
}

// callBack has the stand-in push its events to the program.
func (s *simulator) callBack(base string) {
	s.server.SetCallback(s.app.AppID, base+"/wechat/callback/miniprogram")
	s.server.SetCallback(s.public.AppID, base+"/wechat/callback/official")
}

// greet says how to sign in as each kind of user. A code works once, for five minutes, as WeChat's do.
func (s *simulator) greet(say func(string, ...any), public string) {
	say("")
	say("演示学会已就绪（人物、医院、事件均为虚构），微信由内置替身扮演：%s/standin/", s.server.URL())
	say("以某人身份登录（把 openid 换成下面任意一个）：")
	say(`  CODE=$(curl -s %s/standin/codes -d '{"openid":"%s"}' | sed 's/.*"code":"\([^"]*\)".*/\1/')`, s.server.URL(), s.world.Personas[0].OpenID)
	say(`  curl -s http://%s/api/v1/auth/wechat -H 'Content-Type: application/json' -d "{\"code\":\"$CODE\"}"`, public)
	for _, p := range s.world.Personas {
		say("  %s  %s：%s", p.OpenID, p.Label, p.Hint)
	}
}

// close ends the stand-in.
func (s *simulator) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.server.Close(ctx); err != nil {
		return fmt.Errorf("stop the WeChat stand-in: %w", err)
	}
	return nil
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return b
}

func randomText(n int) string { return base64.RawURLEncoding.EncodeToString(randomBytes(n)) }
