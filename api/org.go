package api

import (
	"context"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/member"
)

type orgView struct {
	ID       string  `json:"id"`
	ParentID *string `json:"parent_id" nullable:"true" doc:"null for a root"`
	Kind     string  `json:"kind" enum:"association,society,branch,group"`
	Name     string  `json:"name"`
	Members  int     `json:"members" doc:"distinct persons, those of all organisations below included"`
	version  int
}

func (v orgView) etag() string { return rowTag(v.version) }

// rowTag is the tag of a row with a version.
func rowTag(version int) string { return `"v` + strconv.Itoa(version) + `"` }

// rowVersion reads the version out of If-Match: 0 when any will do, -1, which none ever is, for a tag that is not ours.
func rowVersion(ifMatch string) int {
	tag := strings.TrimPrefix(strings.TrimSpace(ifMatch), "W/")
	if tag == "" || tag == "*" {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(tag, `"v`), `"`))
	if err != nil || n <= 0 {
		return -1
	}
	return n
}

func orgOf(e member.OrgEntry) orgView {
	return orgView{ID: e.ID, ParentID: e.ParentID, Kind: string(e.Kind), Name: e.Name, Members: e.Members, version: e.Version}
}

func orgFrom(e *member.OrgEntry, err error) (orgView, error) {
	if err != nil {
		return orgView{}, err
	}
	return orgOf(*e), nil
}

func (a *API) listOrgs(ctx context.Context, actor *model.Actor, _ *struct{}) (items[orgView], error) {
	rows, err := a.rooms.Member.Orgs(ctx, actor)
	return items[orgView]{Items: mapped(rows, orgOf)}, err
}

type createOrgInput struct {
	Body struct {
		ParentID *string `json:"parent_id,omitempty" nullable:"true" maxLength:"64" doc:"null for a root"`
		Kind     string  `json:"kind" enum:"association,society,branch,group"`
		Name     string  `json:"name" minLength:"1" maxLength:"100"`
	}
}

func (in *createOrgInput) parent() string {
	if in.Body.ParentID == nil {
		return ""
	}
	return *in.Body.ParentID
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *createOrgInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(ctx context.Context, a *API, actor *model.Actor) error {
		return a.rooms.Member.CheckAddOrg(ctx, actor, in.parent(), model.OrgKind(in.Body.Kind), in.Body.Name)
	})
}

func (a *API) createOrg(ctx context.Context, actor *model.Actor, in *createOrgInput) (orgView, error) {
	return orgFrom(a.rooms.Member.AddOrg(ctx, actor, in.parent(), model.OrgKind(in.Body.Kind), in.Body.Name))
}

type changeOrgInput struct {
	ID      string `path:"id" maxLength:"64"`
	IfMatch string `header:"If-Match" maxLength:"64" doc:"the ETag that was read; 412 when it is stale"`
	Body    struct {
		Name *string `json:"name,omitempty" minLength:"1" maxLength:"100"`
	}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *changeOrgInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(context.Context, *API, *model.Actor) error {
		if in.Body.Name == nil {
			return nil
		}
		return member.CheckOrgName(*in.Body.Name)
	})
}

func (a *API) changeOrg(ctx context.Context, actor *model.Actor, in *changeOrgInput) (orgView, error) {
	return orgFrom(a.rooms.Member.RenameOrg(ctx, actor, in.ID, in.Body.Name, rowVersion(in.IfMatch)))
}

type inviteInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body *struct {
		Days    int `json:"days,omitempty" minimum:"0" maximum:"30" doc:"how long it is good for; 7 when 0 or left out"`
		MaxUses int `json:"max_uses,omitempty" minimum:"0" maximum:"1000" doc:"how many may use it; 200 when 0 or left out"`
	}
}

type inviteView struct {
	Code      string   `json:"code" doc:"shown this once; upper and lower case are the same"`
	ExpiresAt timeView `json:"expires_at"`
}

func (a *API) createInvite(ctx context.Context, actor *model.Actor, in *inviteInput) (inviteView, error) {
	days, uses := 0, 0
	if in.Body != nil {
		days, uses = in.Body.Days, in.Body.MaxUses
	}
	v, err := a.rooms.Member.Invite(ctx, actor, in.ID, days, uses)
	if err != nil {
		return inviteView{}, err
	}
	return inviteView{Code: v.Code, ExpiresAt: timeView(v.ExpiresAt)}, nil
}
