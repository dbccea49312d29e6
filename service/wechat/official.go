package wechat

import (
	"context"
	"fmt"
	"net/url"

	"zhibu/model"
)

// The most that one call takes or gives.
const (
	FollowersPerPage = 10_000
	FollowersPerCall = 100
)

// profile is one follower in WeChat's own shape. Names, cities and pictures are not read: nobody here needs them.
type profile struct {
	OpenID    string `json:"openid"`
	UnionID   string `json:"unionid"`
	Subscribe loose  `json:"subscribe"`
}

func (p profile) plain() model.OfficialProfile {
	return model.OfficialProfile{OpenID: p.OpenID, UnionID: p.UnionID, Following: p.Subscribe == "1"}
}

// Followers lists who follows the service account, up to FollowersPerPage after the given openid; empty begins at the first.
// The listing is whole when Next comes back empty. A call changes nothing, so any failure may be tried again.
func (d *Door) Followers(ctx context.Context, nextOpenID string) (model.OfficialListing, error) {
	var out struct {
		head
		Total *int `json:"total"`
		Data  struct {
			OpenID []string `json:"openid"`
		} `json:"data"`
		Next string `json:"next_openid"`
	}
	query := url.Values{}
	if nextOpenID != "" {
		query.Set("next_openid", nextOpenID)
	}
	if _, err := d.do(ctx, request{api: APIFollowers, app: d.oa, query: query}, &out); err != nil {
		return model.OfficialListing{}, err
	}
	// An answer without a total is no empty list: who took it for one would forget everybody.
	if out.Total == nil {
		return model.OfficialListing{}, unreadable(APIFollowers, "answer without a total")
	}
	list := model.OfficialListing{Total: *out.Total, Next: out.Next}
	for _, id := range out.Data.OpenID {
		if id != "" { // older documents show an empty one at the head of the list
			list.OpenIDs = append(list.OpenIDs, id)
		}
	}
	// WeChat names the last openid as the next one on the last page too; only an empty page is sure to be the end.
	if len(list.OpenIDs) == 0 || list.Next == nextOpenID {
		list.Next = ""
	}
	return list, nil
}

// FollowersInfo asks about up to FollowersPerCall openids of the service account at once. WeChat may leave some out of its answer, and
// refuses all of them (ClassRecipient) for the sake of one that is none.
func (d *Door) FollowersInfo(ctx context.Context, openIDs []string) ([]model.OfficialProfile, error) {
	if len(openIDs) == 0 {
		return nil, nil
	}
	if len(openIDs) > FollowersPerCall {
		return nil, &CallError{API: APIFollowersInfo, Class: ClassBug, Msg: fmt.Sprintf("%d openids in one call", len(openIDs))}
	}
	type user struct {
		OpenID string `json:"openid"`
		Lang   string `json:"lang"`
	}
	var body struct {
		Users []user `json:"user_list"`
	}
	for _, id := range openIDs {
		body.Users = append(body.Users, user{id, "zh_CN"})
	}
	var out struct {
		head
		Users *[]profile `json:"user_info_list"`
	}
	if _, err := d.do(ctx, request{api: APIFollowersInfo, app: d.oa, body: body}, &out); err != nil {
		return nil, err
	}
	if out.Users == nil {
		return nil, unreadable(APIFollowersInfo, "answer without a list")
	}
	list := make([]model.OfficialProfile, 0, len(*out.Users))
	for _, u := range *out.Users {
		if u.OpenID != "" {
			list = append(list, u.plain())
		}
	}
	return list, nil
}

// Follower asks about one openid of the service account. An openid of another account is ClassRecipient.
func (d *Door) Follower(ctx context.Context, openID string) (model.OfficialProfile, error) {
	var out struct {
		head
		profile
	}
	query := url.Values{"openid": {openID}, "lang": {"zh_CN"}}
	if _, err := d.do(ctx, request{api: APIFollower, app: d.oa, query: query}, &out); err != nil {
		return model.OfficialProfile{}, err
	}
	if out.OpenID == "" {
		return model.OfficialProfile{}, unreadable(APIFollower, "answer without an openid")
	}
	return out.plain(), nil
}

// OfficialTemplates lists the service account's message templates. They need no grant, so they have no kind, and WeChat does not tell the
// values of their enumerated keys.
func (d *Door) OfficialTemplates(ctx context.Context) ([]Template, error) {
	var out struct {
		head
		List *[]struct {
			ID      string `json:"template_id"`
			Title   string `json:"title"`
			Content string `json:"content"`
		} `json:"template_list"`
	}
	if _, err := d.do(ctx, request{api: APIOfficialTemplates, app: d.oa}, &out); err != nil {
		return nil, err
	}
	if out.List == nil {
		return nil, unreadable(APIOfficialTemplates, "answer without a list")
	}
	items := make([]Template, 0, len(*out.List))
	for _, t := range *out.List {
		items = append(items, Template{ID: t.ID, Title: t.Title, Keys: keysOf(t.Content)})
	}
	return items, nil
}
