package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/policy"
)

const yamlType = "application/yaml"

type policyView struct {
	Version   string          `json:"version"`
	HoldsFrom *string         `json:"holds_from" nullable:"true" doc:"the first day on which it holds; null for the built-in one"`
	State     string          `json:"state" enum:"in_force,future,past,replaced"`
	BuiltIn   bool            `json:"built_in"`
	PutAt     *timeView       `json:"put_at" nullable:"true"`
	PutBy     *string         `json:"put_by" nullable:"true" doc:"the name of who put it in"`
	Profile   map[string]any  `json:"profile" doc:"every number, by the keys of the file"`
	Meetings  []policyMeeting `json:"meetings" nullable:"false" doc:"what is owed, in the order shown to people"`
}

type policyMeeting struct {
	Type      string              `json:"type"`
	TypeLabel string              `json:"type_label"`
	Times     int                 `json:"times" doc:"0: none is owed"`
	Every     *string             `json:"every" nullable:"true" enum:"month,quarter,half_year,year"`
	Words     string              `json:"words" doc:"such as 每季度1次"`
	Minutes   int                 `json:"minutes"`
	Rule      string              `json:"rule"`
	Topic     string              `json:"topic"`
	Note      string              `json:"note"`
	Agenda    []meetingAgendaView `json:"agenda" nullable:"false"`
}

type policyRow struct {
	Version   string    `json:"version"`
	HoldsFrom *string   `json:"holds_from" nullable:"true"`
	State     string    `json:"state" enum:"in_force,future,past,replaced"`
	BuiltIn   bool      `json:"built_in"`
	PutAt     *timeView `json:"put_at" nullable:"true"`
	PutBy     *string   `json:"put_by" nullable:"true"`
}

func policyRowOf(p policy.Profile) policyRow {
	return policyRow{Version: p.Version, HoldsFrom: textOrNil(string(p.HoldsFrom)), State: string(p.State), BuiltIn: p.BuiltIn, PutAt: timeOrNil(&p.PutAt), PutBy: textOrNil(p.PutName)}
}

func policyOf(p *policy.Profile) policyView {
	row := policyRowOf(*p)
	return policyView{Version: row.Version, HoldsFrom: row.HoldsFrom, State: row.State, BuiltIn: row.BuiltIn, PutAt: row.PutAt, PutBy: row.PutBy,
		Profile: policy.Numbers(p.Policy), Meetings: mapped(p.Meetings, policyMeetingOf)}
}

func policyMeetingOf(d model.MeetingDuty) policyMeeting {
	return policyMeeting{Type: string(d.Type), TypeLabel: d.Type.Label(), Times: d.Times, Every: textOrNil(string(d.Every)), Words: policy.Often(d), Minutes: d.Minutes, Rule: string(d.Rule),
		Topic: d.Topic, Note: d.Note, Agenda: mapped(d.Agenda, func(i model.DutyItem) meetingAgendaView { return meetingAgendaView(i) })}
}

type policyInput struct {
	Version string `query:"version" maxLength:"40" doc:"the one in force when left out"`
	Format  string `query:"format" enum:"json,yaml" doc:"yaml, as by Accept: application/yaml, is the annotated file"`
	Accept  string `header:"Accept" maxLength:"1000"`
}

// policyFile adds the route that answers with the profile as JSON or as the file.
func (a *API) policyFile(w who, path, summary string) {
	op := a.operation(http.MethodGet, w, path, summary)
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"application/json": {Schema: a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[policyView](), true, "")}, yamlType: {Schema: &huma.Schema{Type: huma.TypeString}},
	}}}
	huma.Register(a.huma, op, func(ctx context.Context, in *policyInput) (*huma.StreamResponse, error) {
		p, err := a.rooms.Policy.Current(ctx, in.Version)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		kind, body := yamlType+"; charset=utf-8", p.Body
		if asFile := in.Format == "yaml" || in.Format == "" && strings.Contains(in.Accept, "yaml"); !asFile {
			kind = "application/json"
			if body, err = json.Marshal(policyOf(p)); err != nil {
				return nil, a.fail(ctx, err)
			}
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Content-Type", kind)
			hc.SetHeader("Cache-Control", "private, no-cache")
			hc.SetHeader("Vary", "Accept")
			hc.SetHeader("ETag", `"`+p.Revision+`"`)
			if kind != "application/json" {
				hc.SetHeader("Content-Disposition", `attachment; filename="policy.yaml"; filename*=UTF-8''`+url.PathEscape("制度参数-"+p.Version+".yaml"))
			}
			hc.SetStatus(http.StatusOK)
			_, _ = hc.BodyWriter().Write(body)
		}}, nil
	})
}

func (a *API) listPolicies(ctx context.Context, _ *model.Actor, _ *struct{}) (items[policyRow], error) {
	all, err := a.rooms.Policy.Profiles(ctx)
	return items[policyRow]{mapped(all, policyRowOf)}, err
}

type putPolicyInput struct {
	DryRun  bool   `query:"dry_run" doc:"only say what it would change"`
	IfMatch string `header:"If-Match" maxLength:"100" doc:"the ETag of GET /policy; 412 when it is stale"`
	RawBody []byte `contentType:"application/yaml" doc:"the file"`
}

type policyChangeView struct {
	Key  string `json:"key"`
	Text string `json:"text" doc:"such as 党课：由每季度1次改为每半年1次"`
}

type policyEffectView struct {
	Org   orgRef   `json:"org"`
	Texts []string `json:"texts" nullable:"false"`
}

type policyPlanView struct {
	Version   string             `json:"version"`
	HoldsFrom string             `json:"holds_from"`
	Stored    bool               `json:"stored" doc:"false for a dry run"`
	Changes   []policyChangeView `json:"changes" nullable:"false" doc:"number by number, against the profile that would hold on that day"`
	Effects   []policyEffectView `json:"effects" nullable:"false" doc:"branch by branch, in the order of the tree"`

	revision string
}

func (v policyPlanView) etag() string { return `"` + v.revision + `"` }

func (a *API) putPolicy(ctx context.Context, actor *model.Actor, in *putPolicyInput) (policyPlanView, error) {
	match := strings.Trim(strings.TrimPrefix(strings.TrimSpace(in.IfMatch), "W/"), `"`)
	if match == "*" {
		match = ""
	}
	p, err := a.rooms.Policy.Put(ctx, actor, in.RawBody, match, in.DryRun)
	if err != nil {
		return policyPlanView{}, err
	}
	return policyPlanView{Version: p.Version, HoldsFrom: string(p.HoldsFrom), Stored: p.Stored, revision: p.Revision,
		Changes: mapped(p.Changes, func(c policy.Change) policyChangeView { return policyChangeView(c) }),
		Effects: mapped(p.Effects, func(e policy.Effect) policyEffectView { return policyEffectView{orgRefOf(e.Org), e.Texts} })}, nil
}
