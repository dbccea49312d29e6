package model

import "time"

// WechatSource is the account whose callback address an event came to.
type WechatSource string

// The two accounts.
const (
	WechatMiniProgram WechatSource = "miniprogram"
	WechatOfficial    WechatSource = "official"
)

// The events that mean something, by WeChat's names in lower case.
const (
	WechatPopup        = "subscribe_msg_popup_event"
	WechatChange       = "subscribe_msg_change_event"
	WechatSent         = "subscribe_msg_sent_event"
	WechatMediaCheck   = "wxa_media_check"
	WechatTemplateJob  = "templatesendjobfinish"
	WechatInfoModified = "user_info_modified"
	WechatRevoke       = "user_authorization_revoke"
	WechatCancellation = "user_authorization_cancellation"
)

// WechatEvent is what WeChat pushed, its origin proven and its odd shapes evened out. Key is the same for each delivery of one event.
type WechatEvent struct {
	Key       string
	Name      string
	OpenID    string
	CreatedAt time.Time // zero when WeChat gave none
	Grants    []WechatGrant
	Sent      []WechatSendResult
	Media     *WechatMedia
	Revoked   *WechatRevocation
}

// WechatGrant is a user's answer about one template.
type WechatGrant struct {
	TemplateID string
	Accept     bool
}

// WechatSendResult is what became of a message that WeChat had taken.
type WechatSendResult struct {
	TemplateID string
	MsgID      string
	OK         bool
	ErrorCode  int
	Status     string
}

// WechatMedia is the verdict on a file: pass, review or risky.
type WechatMedia struct {
	TraceID string
	Suggest string
	Label   int
	ErrCode int
}

// WechatRevocation says that a user took permissions back or closed the account.
type WechatRevocation struct {
	Event string // one of the event names
	Info  []int  // which permissions; empty when WeChat names none
}

// WechatEventRow keeps an event's key against redeliveries, and send results for answers that were lost.
type WechatEventRow struct {
	DedupeKey  string `gorm:"primaryKey"`
	Source     WechatSource
	Name       string
	OpenID     string             `gorm:"column:openid"`
	Sent       []WechatSendResult `gorm:"serializer:json"`
	ReceivedAt time.Time
}

// TableName is the plural of what a row is.
func (WechatEventRow) TableName() string { return "wechat_events" }
