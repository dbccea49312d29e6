package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/handover"
	"zhibu/service/sheet"
)

type handoverPersonView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type handoverMarkView struct {
	At      timeView           `json:"at"`
	By      handoverPersonView `json:"by"`
	InPlace bool               `json:"in_place" doc:"the office confirmed in the place of the old secretary"`
	Reason  *string            `json:"reason"`
}

type handoverItemView struct {
	Kind     string    `json:"kind" enum:"action,meeting,suggestion,draft,push,reminder,subscription"`
	Label    string    `json:"label" doc:"the kind in Chinese"`
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	At       *timeView `json:"at" nullable:"true" doc:"when it is due, begins or goes out"`
	Note     string    `json:"note"`
	Path     string    `json:"path" doc:"where it is read, below the base path; empty where there is nothing to open"`
	HandedOn bool      `json:"handed_on" doc:"it was the old secretary's to do and becomes the new one's"`
}

type handoverView struct {
	ID               string                    `json:"id"`
	Org              nameRef                   `json:"org"`
	From             maybe[handoverPersonView] `json:"from" doc:"null where the branch has no secretary any more"`
	To               handoverPersonView        `json:"to"`
	Note             string                    `json:"note"`
	State            string                    `json:"state" enum:"open,done,cancelled,expired"`
	StateText        string                    `json:"state_text"`
	CreatedAt        timeView                  `json:"created_at"`
	ExpiresAt        timeView                  `json:"expires_at"`
	FromConfirmation maybe[handoverMarkView]   `json:"from_confirmation"`
	ToConfirmation   maybe[handoverMarkView]   `json:"to_confirmation"`
	EndedAt          *timeView                 `json:"ended_at" nullable:"true"`
	EndReason        *string                   `json:"end_reason"`
	Items            []handoverItemView        `json:"items" nullable:"false" doc:"while it is open as things stand, once it is done as it was handed over; empty in lists of open ones"`
	CanConfirm       bool                      `json:"can_confirm"`
	NeedsReason      bool                      `json:"needs_reason" doc:"the caller would confirm in the old secretary's place and has to say why"`
	CanCancel        bool                      `json:"can_cancel"`
}

func handoverOf(v handover.View) handoverView {
	out := handoverView{
		ID: v.ID, Org: nameRefOf(v.Org), To: handoverPersonView(v.To), Note: v.Note, State: string(v.State), StateText: v.State.Label(),
		CreatedAt: timeView(v.CreatedAt), ExpiresAt: timeView(v.ExpiresAt), EndedAt: timeOrNil(v.EndedAt), EndReason: textOrNil(v.EndReason),
		CanConfirm: v.CanConfirm, NeedsReason: v.NeedsReason, CanCancel: v.CanCancel,
		Items: mapped(v.Items, func(it model.HandoverItem) handoverItemView {
			return handoverItemView{Kind: string(it.Kind), Label: it.Kind.Label(), ID: it.ID, Title: it.Title, At: timeOrNil(it.At), Note: it.Note, Path: it.Path, HandedOn: it.HandedOn}
		}),
	}
	if v.From != nil {
		out.From = some(handoverPersonView(*v.From))
	}
	if v.FromConfirmedAt != nil {
		out.FromConfirmation = some(handoverMarkView{At: timeView(*v.FromConfirmedAt), By: handoverPersonView(*v.ConfirmedBy), InPlace: v.InPlace(), Reason: textOrNil(v.FromReason)})
	}
	if v.ToConfirmedAt != nil {
		out.ToConfirmation = some(handoverMarkView{At: timeView(*v.ToConfirmedAt), By: handoverPersonView(v.To)})
	}
	return out
}

func handoverFrom(v *handover.View, err error) (handoverView, error) {
	if err != nil {
		return handoverView{}, err
	}
	return handoverOf(*v), nil
}

type startHandoverInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		ToMemberID   string `json:"to_member_id" minLength:"1" maxLength:"64"`
		FromMemberID string `json:"from_member_id,omitempty" maxLength:"64" doc:"for the office, where the branch has several secretaries"`
		Note         string `json:"note,omitempty" maxLength:"300"`
	}
}

func (a *API) startHandover(ctx context.Context, actor *model.Actor, in *startHandoverInput) (handoverView, error) {
	return handoverFrom(a.rooms.Handover.Start(ctx, actor, handover.Draft{OrgID: in.ID, ToID: in.Body.ToMemberID, FromID: in.Body.FromMemberID, Note: in.Body.Note}))
}

func (a *API) getHandover(ctx context.Context, actor *model.Actor, in *IDPath) (handoverView, error) {
	return handoverFrom(a.rooms.Handover.View(ctx, actor, in.ID))
}

type listHandoversInput struct {
	ID string `path:"id" maxLength:"64"`
	PageQuery
}

func (a *API) listHandovers(ctx context.Context, actor *model.Actor, in *listHandoversInput) (list[handoverView], error) {
	rows, next, err := a.rooms.Handover.List(ctx, actor, in.ID, in.page())
	return listOf(rows, next, handoverOf), err
}

type handoverReasonInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body *struct {
		Reason string `json:"reason,omitempty" maxLength:"300"`
	}
}

func (in *handoverReasonInput) reason() string {
	if in.Body == nil {
		return ""
	}
	return in.Body.Reason
}

func (a *API) confirmHandover(ctx context.Context, actor *model.Actor, in *handoverReasonInput) (handoverView, error) {
	return handoverFrom(a.rooms.Handover.Confirm(ctx, actor, in.ID, in.reason()))
}

func (a *API) cancelHandover(ctx context.Context, actor *model.Actor, in *handoverReasonInput) (handoverView, error) {
	return handoverFrom(a.rooms.Handover.Cancel(ctx, actor, in.ID, in.reason()))
}

// document is a file that was made for one caller.
type document struct {
	Kind  string
	Plain string // a name of plain letters, for clients that read no other
	Name  string
	Bytes []byte
}

// documentGet adds a GET that answers with a file.
func documentGet[I any](a *API, w who, path, summary, kind string, h handler[I, document]) {
	op := a.operation(http.MethodGet, w, path, summary)
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		kind: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		d, err := h(ctx, actorOf(ctx), in)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Content-Type", d.Kind)
			hc.SetHeader("Content-Disposition", `attachment; filename="`+d.Plain+`"; filename*=UTF-8''`+url.PathEscape(d.Name))
			hc.SetHeader("Content-Length", strconv.Itoa(len(d.Bytes)))
			hc.SetHeader("Cache-Control", "private, no-store")
			hc.SetStatus(http.StatusOK)
			_, _ = hc.BodyWriter().Write(d.Bytes)
		}}, nil
	})
}

// workbook is a document of sheets.
func workbook(plain, name string, sheets ...sheet.Sheet) (document, error) {
	b, err := sheet.Write(sheets)
	if err != nil {
		return document{}, model.Fail(model.CodeInternal, "生成表格时出错了，请稍后再试。").Because(err)
	}
	return document{Kind: sheet.Kind, Plain: plain, Name: name, Bytes: b}, nil
}

// handoverSheet is the package as a list to be signed and filed.
func (a *API) handoverSheet(ctx context.Context, actor *model.Actor, in *IDPath) (document, error) {
	v, err := a.rooms.Handover.View(ctx, actor, in.ID)
	if err != nil {
		return document{}, err
	}
	from := "（原书记已离任）"
	if v.From != nil {
		from = v.From.Name
	}
	s := sheet.Sheet{
		Name: "交接清单", Title: v.Org.Name + "书记工作交接清单",
		Note: "交出：" + from + "    接任：" + v.To.Name + "    状态：" + v.State.Label() + "    发起：" + chineseTime(v.CreatedAt),
		Columns: []sheet.Column{{Head: "序号", Width: 6, Middle: true}, {Head: "类别", Width: 18, Middle: true}, {Head: "事项", Width: 52}, {Head: "时间", Width: 20, Middle: true},
			{Head: "说明", Width: 34}, {Head: "移交经办", Width: 10, Middle: true}},
	}
	for i, it := range v.Items {
		when, mark := "", ""
		if it.At != nil {
			when = chineseTime(*it.At)
		}
		if it.HandedOn {
			mark = "是"
		}
		s.Rows = append(s.Rows, []any{i + 1, it.Kind.Label(), it.Title, when, it.Note, mark})
	}
	if len(s.Rows) == 0 {
		s.Rows = append(s.Rows, []any{"", "", "没有未办结事项", "", "", ""})
	}
	s.Foot = append(s.Foot, handoverMarks(v)...)
	return workbook("handover.xlsx", v.Org.Name+"书记工作交接清单.xlsx", s)
}

func handoverMarks(v *handover.View) []string {
	mark := func(side, by string, at time.Time) string {
		return side + "确认：" + by + "    时间：" + chineseTime(at)
	}
	first, second := "交出方确认：尚未确认", "接任方确认：尚未确认"
	if v.FromConfirmedAt != nil {
		first = mark("交出方", v.ConfirmedBy.Name, *v.FromConfirmedAt)
		if v.InPlace() {
			first += "    （党办代为确认，原因：" + v.FromReason + "）"
		}
	}
	if v.ToConfirmedAt != nil {
		second = mark("接任方", v.To.Name, *v.ToConfirmedAt)
	}
	return []string{first, second}
}

func chineseTime(t time.Time) string { return t.In(model.Zone).Format("2006年1月2日 15:04") }
