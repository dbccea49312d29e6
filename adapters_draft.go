package main

import (
	"context"

	"zhibu/model"
	"zhibu/service/draftbox"
	"zhibu/service/wechat"
)

// draftLimits are WeChat's.
var draftLimits = draftbox.Limits{
	Title: wechat.MaxDraftTitle, Author: wechat.MaxDraftAuthor, Digest: wechat.MaxDraftDigest, Content: wechat.MaxDraftContent, Bytes: wechat.MaxDraftBytes,
	Picture: wechat.MaxArticleImage,
}

// draftDoor is what the draft box sees of WeChat.
type draftDoor struct {
	door  *wechat.Door
	appID string
}

// AppID names the account, whose pictures are no other's.
func (d draftDoor) AppID() string { return d.appID }

// AddDraft puts a draft there.
func (d draftDoor) AddDraft(ctx context.Context, a draftbox.Draft) (string, error) {
	id, err := d.door.AddDraft(ctx, wechatDraft(a))
	return id, explained(err)
}

// UpdateDraft writes a draft anew.
func (d draftDoor) UpdateDraft(ctx context.Context, mediaID string, a draftbox.Draft) error {
	return explained(d.door.UpdateDraft(ctx, mediaID, wechatDraft(a)))
}

func wechatDraft(a draftbox.Draft) wechat.Draft {
	return wechat.Draft{Title: a.Title, Author: a.Author, Digest: a.Digest, Content: a.Content, SourceURL: a.SourceURL, ThumbMediaID: a.Cover}
}

// FindDraft looks for a draft among the latest.
func (d draftDoor) FindDraft(ctx context.Context, source, title string) (string, error) {
	list, err := d.door.Drafts(ctx)
	if err != nil {
		return "", explained(err)
	}
	for _, i := range list {
		if (source != "" && i.SourceURL == source) || (source == "" && i.Title == title) {
			return i.MediaID, nil
		}
	}
	return "", nil
}

// TextPicture uploads a picture of a text.
func (d draftDoor) TextPicture(ctx context.Context, p draftbox.Picture) (string, error) {
	address, err := d.door.ArticleImage(ctx, wechat.Picture(p))
	return address, explained(err)
}

// CoverPicture uploads a cover.
func (d draftDoor) CoverPicture(ctx context.Context, p draftbox.Picture) (string, error) {
	id, err := d.door.AddImage(ctx, wechat.Picture(p))
	return id, explained(err)
}

// Why tells what a failed call means.
func (d draftDoor) Why(err error) draftbox.Why {
	call, ok := wechat.AsCallError(err)
	switch {
	case !ok:
		return draftbox.Refused // the door found it before anything was sent
	case call.Code == wechat.CodeMediaGone:
		return draftbox.Gone
	case call.Class == wechat.ClassRetry, call.Class == wechat.ClassUnknownOutcome:
		return draftbox.Unclear
	}
	return draftbox.Refused
}

// explained says what WeChat will not take; everything else is for later, in the door's own words.
func explained(err error) error {
	call, ok := wechat.AsCallError(err)
	if !ok {
		return err
	}
	switch call.Class {
	case wechat.ClassOther, wechat.ClassData, wechat.ClassContent:
		return model.Failf(model.CodeRejected, "公众号没有接受这篇文章（错误码 %d），请核对标题、摘要、正文和图片后再试。", call.Code).Because(err)
	}
	return wechat.Public(err)
}
