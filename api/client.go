package api

import (
	"context"
	"strings"
	"time"

	"zhibu/model"
)

// Persona is somebody of the demonstration to sign in as.
type Persona struct {
	Key, Name, Role, Hint string
	Bound                 bool // when the demonstration began
}

// Demonstration plays WeChat for browsers, in which there is neither wx.login nor a button for the phone's number.
type Demonstration interface {
	Personas() []Persona
	// LoginCode is the persona's wx.login. Errors: not_found for a key that is none's.
	LoginCode(key string) (code string, life time.Duration, err error)
	// PhoneCode is the persona's tap on the phone button. Errors: not_found, validation_failed for who has no number.
	PhoneCode(key string) (code string, life time.Duration, err error)
}

// Demonstrate adds the routes by which a browser signs in as somebody of the demonstration. Elsewhere they do not exist, so that no setting and no
// mistake can open them. Call it before serving.
func (a *API) Demonstrate(d Demonstration) {
	a.demo = d
	post(a, anyone, "/client/persona", "演示：以某个角色取得登录码", a.personaCode)
	post(a, anyone, "/client/persona/phone", "演示：取得该角色的手机号授权码", a.personaPhone)
}

type personaView struct {
	Key   string `json:"key"`
	Name  string `json:"name"`
	Role  string `json:"role" doc:"in words"`
	Hint  string `json:"hint" doc:"what this role can do"`
	Bound bool   `json:"bound" doc:"was bound when the demonstration began"`
}

// The ways of signing in.
const (
	waysDemo     = "demo"
	waysOAuth    = "wechat_oauth"
	waysPassword = "password"
)

type clientView struct {
	Demo     bool          `json:"demo"`
	Name     string        `json:"name" doc:"of the society"`
	SignIn   []string      `json:"sign_in" nullable:"false" doc:"the ways that work here, the best first: demo, wechat_oauth (in WeChat's own browser), password"`
	Personas []personaView `json:"personas" nullable:"false" doc:"empty outside the demonstration"`
}

// client tells what a client needs to know before anybody has signed in.
func (a *API) client(ctx context.Context, _ *model.Actor, _ *struct{}) (clientView, error) {
	name, err := a.rooms.Signin.Society(ctx)
	if err != nil {
		return clientView{}, err
	}
	v := clientView{Name: name, SignIn: []string{}, Personas: []personaView{}}
	if v.Name == "" {
		v.Name = "手机党支部"
	}
	if a.demo != nil {
		v.Demo, v.SignIn = true, append(v.SignIn, waysDemo)
		v.Personas = mapped(a.demo.Personas(), func(p Persona) personaView { return personaView(p) })
	}
	if a.rooms.Signin.HasOfficial() {
		v.SignIn = append(v.SignIn, waysOAuth)
	}
	v.SignIn = append(v.SignIn, waysPassword)
	return v, nil
}

type personaInput struct {
	Body struct {
		Persona string `json:"persona" minLength:"1" maxLength:"40" doc:"a key of GET /client"`
	}
}

type personaCodeView struct {
	Code      string `json:"code"`
	ExpiresIn int    `json:"expires_in" doc:"seconds"`
}

func codeViewOf(code string, life time.Duration, err error) (personaCodeView, error) {
	return personaCodeView{Code: code, ExpiresIn: int(life / time.Second)}, err
}

func (a *API) personaCode(_ context.Context, _ *model.Actor, in *personaInput) (personaCodeView, error) {
	return codeViewOf(a.demo.LoginCode(in.Body.Persona))
}

func (a *API) personaPhone(_ context.Context, _ *model.Actor, in *personaInput) (personaCodeView, error) {
	return codeViewOf(a.demo.PhoneCode(in.Body.Persona))
}

// signingIn are the paths at which somebody begins to sign in.
func signingIn(path string) bool {
	return strings.HasPrefix(path, basePath+"/auth/") || strings.HasPrefix(path, basePath+"/client/")
}
