package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/signin"
)

// withoutConsent are the beginnings of writes that stay possible under an older consent: to agree anew, to correct what is kept, to read one's own
// notices, to sign in and out.
var withoutConsent = []string{"/auth/", "/me/consent", "/notices"}

// needsConsent: what writes personal data needs the consent to the notice in force. Reading does not, nor taking back and withdrawing.
func needsConsent(method string, w who, path string) bool {
	if w < bound || method == http.MethodGet || method == http.MethodDelete || method == http.MethodPatch && path == "/me" {
		return false
	}
	for _, p := range withoutConsent {
		if strings.HasPrefix(path, p) {
			return false
		}
	}
	return true
}

// consented stands behind the gate, before the body is read.
func (a *API) consented(ctx huma.Context, next func(huma.Context)) {
	if err := a.rooms.Signin.RequireConsent(ctx.Context(), actorOf(ctx.Context())); err != nil {
		p := problemOf(ctx.Context(), err)
		_ = huma.WriteErr(a.huma, ctx, p.Status, p.Detail, err)
		return
	}
	next(ctx)
}

type agreeInput struct {
	Body struct {
		Version string `json:"version" minLength:"1" maxLength:"20" doc:"of GET /consent"`
	}
}

func (a *API) agree(ctx context.Context, actor *model.Actor, in *agreeInput) (meView, error) {
	me, err := a.rooms.Signin.Agree(ctx, actor, in.Body.Version)
	if err != nil {
		return meView{}, err
	}
	return meOf(me), nil
}

type erasedLineView struct {
	What  string `json:"what"`
	Count int    `json:"count"`
	Why   string `json:"why,omitempty" doc:"why it is kept"`
}

type erasureView struct {
	Receipt  string           `json:"receipt"`
	ErasedAt timeView         `json:"erased_at"`
	Cause    string           `json:"cause" enum:"withdrawn,office"`
	Erased   []erasedLineView `json:"erased" nullable:"false"`
	Kept     []erasedLineView `json:"kept" nullable:"false" doc:"everything that stays, with the reason"`
}

func erasureOf(e model.Erasure) erasureView {
	line := func(l model.ErasureLine) erasedLineView { return erasedLineView(l) }
	return erasureView{Receipt: e.ID, ErasedAt: timeView(e.ErasedAt), Cause: string(e.Cause), Erased: mapped(e.Report.Erased, line), Kept: mapped(e.Report.Kept, line)}
}

func erasureFrom(e *model.Erasure, err error) (erasureView, error) {
	if err != nil {
		return erasureView{}, err
	}
	return erasureOf(*e), nil
}

func (a *API) withdraw(ctx context.Context, actor *model.Actor, _ *struct{}) (erasureView, error) {
	return erasureFrom(a.rooms.Privacy.Withdraw(ctx, actor))
}

func (a *API) eraseMember(ctx context.Context, actor *model.Actor, in *IDPath) (erasureView, error) {
	return erasureFrom(a.rooms.Privacy.Erase(ctx, actor, in.ID))
}

func (a *API) listErasures(ctx context.Context, actor *model.Actor, _ *struct{}) (items[erasureView], error) {
	rows, err := a.rooms.Privacy.Erasures(ctx, actor)
	if err != nil {
		return items[erasureView]{}, err
	}
	return items[erasureView]{Items: mapped(rows, erasureOf)}, nil
}

type phoneRightInput struct {
	ID       string `path:"id" maxLength:"64"`
	MemberID string `path:"member_id" maxLength:"64"`
}

func (a *API) grantPhoneRight(ctx context.Context, actor *model.Actor, in *phoneRightInput) (empty, error) {
	return empty{}, a.rooms.Member.SetPhoneRight(ctx, actor, in.ID, in.MemberID, true)
}

func (a *API) revokePhoneRight(ctx context.Context, actor *model.Actor, in *phoneRightInput) (empty, error) {
	return empty{}, a.rooms.Member.SetPhoneRight(ctx, actor, in.ID, in.MemberID, false)
}

type retentionLineView struct {
	Kind    string `json:"kind"`
	What    string `json:"what"`
	Days    int    `json:"days" doc:"how long it is kept; 0: always"`
	Removed int    `json:"removed"`
	Fault   string `json:"fault" doc:"the code of what failed; empty"`
}

type retentionView struct {
	Day   string              `json:"day"`
	At    timeView            `json:"at"`
	Lines []retentionLineView `json:"lines" nullable:"false"`
}

func (a *API) retentionRuns(ctx context.Context, actor *model.Actor, _ *struct{}) (items[retentionView], error) {
	rows, err := a.rooms.Privacy.Runs(ctx, actor)
	if err != nil {
		return items[retentionView]{}, err
	}
	return items[retentionView]{Items: mapped(rows, func(r model.RetentionRun) retentionView {
		return retentionView{Day: r.Day, At: timeView(r.At), Lines: mapped(r.Report, func(l model.RetentionLine) retentionLineView { return retentionLineView(l) })}
	})}, nil
}

type noticeVersionView struct {
	Version   string    `json:"version"`
	Title     string    `json:"title"`
	BodyHTML  string    `json:"body_html"`
	AsksAgain bool      `json:"asks_again"`
	HoldsFrom *timeView `json:"holds_from" nullable:"true" doc:"null for the one that came with the program"`
}

func noticeVersionOf(n model.ConsentNotice) noticeVersionView {
	return noticeVersionView{Version: n.Version, Title: n.Title, BodyHTML: n.BodyHTML, AsksAgain: n.AsksAgain, HoldsFrom: timeOrNil(&n.HoldsFrom)}
}

func (a *API) listNoticeVersions(ctx context.Context, actor *model.Actor, _ *struct{}) (items[noticeVersionView], error) {
	rows, err := a.rooms.Signin.Notices(ctx, actor)
	if err != nil {
		return items[noticeVersionView]{}, err
	}
	return items[noticeVersionView]{Items: mapped(rows, noticeVersionOf)}, nil
}

type publishNoticeInput struct {
	Body struct {
		Version   string    `json:"version" minLength:"1" maxLength:"20" example:"2027-01"`
		Title     string    `json:"title" minLength:"1" maxLength:"100"`
		Body      string    `json:"body" minLength:"20" maxLength:"20000" doc:"plain text: # begins a heading, - a point of a list"`
		AsksAgain bool      `json:"asks_again,omitempty" doc:"its meaning is another: who agreed to an earlier one is asked again"`
		HoldsFrom time.Time `json:"holds_from,omitzero" doc:"now when left out"`
	}
}

func (a *API) publishNotice(ctx context.Context, actor *model.Actor, in *publishNoticeInput) (noticeVersionView, error) {
	n, err := a.rooms.Signin.PublishNotice(ctx, actor, signin.NoticeDraft(in.Body))
	if err != nil {
		return noticeVersionView{}, err
	}
	return noticeVersionOf(*n), nil
}

// exportMe adds the route that answers with an archive.
func (a *API) exportMe(w who, path, summary string) {
	op := a.operation(http.MethodGet, w, path, summary)
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"application/zip": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}}
	huma.Register(a.huma, op, func(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
		file, err := a.rooms.Privacy.Export(ctx, actorOf(ctx))
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Content-Type", "application/zip")
			hc.SetHeader("Content-Disposition", `attachment; filename="my-data.zip"; filename*=UTF-8''`+url.PathEscape(file.FileName))
			hc.SetHeader("Cache-Control", "private, no-store")
			hc.SetStatus(http.StatusOK)
			if err := file.Write(ctx, hc.BodyWriter()); err != nil {
				a.log.WarnContext(ctx, "personal data not written to its end", "request_id", requestID(ctx), "cause", err)
			}
		}}, nil
	})
}
