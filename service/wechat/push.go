package wechat

import (
	"crypto/subtle"
	"net/url"
	"strconv"
	"time"

	"github.com/silenceper/wechat/v2/util"

	"zhibu/model"
)

// pushWindow is how old, or how far ahead, a push may be. WeChat's three redeliveries come within half a minute.
const pushWindow = 10 * time.Minute

// keyLength is that of an EncodingAESKey, as WeChat's console shows it.
const keyLength = 43

// Receiver opens what WeChat pushes to one callback address. The SDK's receiver is not used: it checks no signature over the body.
// Clock is required. The caller bounds the body's size, keeps Event.Key against replays, and answers "success" at once.
type Receiver struct {
	Token  string
	AESKey string // when set, plain messages are refused
	AppID  string
	Clock  model.Clock
}

// MiniProgramReceiver opens the mini-program's pushes.
func (d *Door) MiniProgramReceiver() Receiver { return d.receiver(d.mini) }

// OfficialReceiver opens the service account's pushes.
func (d *Door) OfficialReceiver() Receiver { return d.receiver(d.oa) }

func (d *Door) receiver(a *account) Receiver {
	return Receiver{Token: a.Token, AESKey: a.AESKey, AppID: a.AppID, Clock: d.clock}
}

// Verify answers WeChat's GET, with which it makes sure that the address is ours: the echo goes back raw, as text/plain.
func (r Receiver) Verify(query url.Values) (echo string, ok bool) {
	if r.Token == "" || !same(query.Get("signature"), r.Token, query.Get("timestamp"), query.Get("nonce")) {
		return "", false
	}
	return query.Get("echostr"), true
}

// Open checks and reads a pushed message.
//
// With an AES key only what msg_signature covers is believed: `signature` does not cover the body, so whoever has seen one signed
// address could forge with it. Errors: wechat_unavailable when the settings are missing, forbidden for a bad signature, an old
// timestamp or a plain message where an encrypted one is due, malformed_json for what cannot be read.
func (r Receiver) Open(query url.Values, contentType string, body []byte) (Event, error) {
	if r.Token == "" || r.Clock == nil {
		return Event{}, model.Fail(model.CodeWechatDown, "尚未配置微信消息推送的令牌（ZHIBU_WECHAT_MINIPROGRAM_TOKEN 或 ZHIBU_WECHAT_OFFICIAL_TOKEN）。")
	}
	if r.AESKey != "" && len(r.AESKey) != keyLength {
		return Event{}, model.Failf(model.CodeWechatDown, "微信消息加解密密钥应为 %d 个字符，请检查设置 ZHIBU_WECHAT_MINIPROGRAM_AES_KEY 或 ZHIBU_WECHAT_OFFICIAL_AES_KEY。", keyLength)
	}
	timestamp, nonce := query.Get("timestamp"), query.Get("nonce")
	if r.AESKey == "" {
		if !same(query.Get("signature"), r.Token, timestamp, nonce) {
			return Event{}, errSignature()
		}
	}
	outer, err := parseTree(contentType, body)
	if err != nil {
		return Event{}, errUnreadable().Because(err)
	}
	encrypted := outer.text("encrypt")
	if r.AESKey == "" {
		if err := r.fresh(timestamp); err != nil {
			return Event{}, err
		}
		if encrypted != "" && outer.text("event") == "" && outer.text("msgtype") == "" {
			return Event{}, model.Fail(model.CodeWechatDown, "收到加密的微信消息，但尚未配置消息加解密密钥（ZHIBU_WECHAT_MINIPROGRAM_AES_KEY 或 ZHIBU_WECHAT_OFFICIAL_AES_KEY）。")
		}
		return r.event(outer, body)
	}
	if encrypted == "" {
		return Event{}, model.Fail(model.CodeForbidden, "已启用消息加密，不接受明文消息。")
	}
	if !same(query.Get("msg_signature"), r.Token, timestamp, nonce, encrypted) {
		return Event{}, errSignature()
	}
	if err := r.fresh(timestamp); err != nil {
		return Event{}, err
	}
	// The appid inside is compared by DecryptMsg.
	_, message, err := util.DecryptMsg(r.AppID, encrypted, r.AESKey)
	if err != nil {
		return Event{}, errUnreadable().Because(err)
	}
	inner, err := parseTree("", message)
	if err != nil {
		return Event{}, errUnreadable().Because(err)
	}
	return r.event(inner, message)
}

func (r Receiver) fresh(timestamp string) error {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err == nil {
		// Compared in whole seconds, because the difference of absurd instants would not fit a Duration.
		now, window := r.Clock().Unix(), int64(pushWindow/time.Second)
		if seconds >= now-window && seconds <= now+window {
			return nil
		}
	}
	return model.Fail(model.CodeForbidden, "微信消息的时间已过期或有误。")
}

func errSignature() *model.Error {
	return model.Fail(model.CodeForbidden, "微信消息的签名不正确。")
}
func errUnreadable() *model.Error {
	return model.Fail(model.CodeMalformed, "微信消息的内容无法识别。")
}

// same compares a signature with that of the parts, in a time that does not depend on where they differ.
func same(signature string, parts ...string) bool {
	want := util.Signature(append([]string{}, parts...)...)
	return subtle.ConstantTimeCompare([]byte(signature), []byte(want)) == 1
}
