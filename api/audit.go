package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/audit"
)

// AuditQuery narrows the list and the export alike; exported since huma passes over embedded types that are not.
type AuditQuery struct {
	Actor  string    `query:"actor" maxLength:"36" doc:"the member who did it"`
	Action string    `query:"action" maxLength:"50" example:"member.reveal_phone"`
	Object string    `query:"object" maxLength:"100" example:"member:0193…"`
	OrgID  string    `query:"org_id" maxLength:"36"`
	From   time.Time `query:"from"`
	To     time.Time `query:"to" doc:"not included"`
}

func (q AuditQuery) filter() audit.Filter { return audit.Filter(q) }

type auditInput struct {
	AuditQuery
	PageQuery
}

type auditActorView struct {
	ID   string `json:"id" doc:"empty for the program itself"`
	Name string `json:"name"`
}

type auditView struct {
	ID         int64             `json:"id"`
	At         timeView          `json:"at"`
	Actor      auditActorView    `json:"actor"`
	Action     string            `json:"action"`
	ActionName string            `json:"action_name" doc:"the action in Chinese"`
	Object     string            `json:"object" doc:"noun:id"`
	OrgID      string            `json:"org_id"`
	OrgName    string            `json:"org_name"`
	Detail     map[string]string `json:"detail" nullable:"false"`
	RequestID  string            `json:"request_id"`
	Block      *int64            `json:"block" nullable:"true" doc:"the block that seals it; null for the few seconds until then"`
}

func auditOf(e audit.Entry) auditView {
	v := auditView{ID: e.ID, At: timeView(e.At), Actor: auditActorView{ID: e.ActorID, Name: e.Actor}, Action: e.Action, ActionName: e.Words, Object: e.Object,
		OrgID: e.OrgID, OrgName: e.Org, Detail: e.Detail, RequestID: e.RequestID, Block: e.BlockNo}
	if v.Detail == nil {
		v.Detail = map[string]string{}
	}
	return v
}

func (a *API) listAudit(ctx context.Context, actor *model.Actor, in *auditInput) (list[auditView], error) {
	rows, next, err := a.rooms.Audit.List(ctx, actor, in.filter(), in.page())
	if err != nil {
		return list[auditView]{}, err
	}
	return listOf(rows, next, auditOf), nil
}

type anchorView struct {
	Block    int64     `json:"block" doc:"0 where nothing is sealed yet"`
	Hash     string    `json:"hash"`
	SealedAt *timeView `json:"sealed_at" nullable:"true"`
}

func anchorOf(a model.AuditAnchor) anchorView {
	return anchorView{Block: a.Block, Hash: a.Hash, SealedAt: timeOrNil(&a.SealedAt)}
}

func (a *API) auditAnchor(ctx context.Context, actor *model.Actor, _ *struct{}) (anchorView, error) {
	end, err := a.rooms.Audit.Anchor(ctx, actor)
	return anchorOf(end), err
}

type verifyInput struct {
	Block int64  `query:"block" minimum:"0" doc:"with hash: an anchor that was kept elsewhere, to be held against the chain too"`
	Hash  string `query:"hash" maxLength:"64"`
}

type auditFaultView struct {
	Kind   string `json:"kind" enum:"entry_changed,entry_removed,entry_inserted,entry_moved,entry_copied,block_changed,block_removed,block_inserted,tail_cut,anchor_changed,other_key,sealing_late"`
	Entry  int64  `json:"entry" doc:"0 where it is about a block"`
	Block  int64  `json:"block" doc:"0 where it is about none"`
	Detail string `json:"detail"`
}

type verifyView struct {
	OK       bool             `json:"ok"`
	At       timeView         `json:"at"`
	Blocks   int              `json:"blocks"`
	Entries  int              `json:"entries" doc:"sealed entries that were held against their blocks"`
	Pruned   int              `json:"pruned" doc:"blocks whose entries have served their time"`
	Unsealed int              `json:"unsealed" doc:"entries of the last seconds, which no block seals yet"`
	Anchors  int              `json:"anchors" doc:"ends of the chain, kept outside the database, that it was held against"`
	Last     anchorView       `json:"last"`
	Faults   []auditFaultView `json:"faults" nullable:"false" doc:"the first 200"`
	FaultsN  int              `json:"faults_count"`
}

func (a *API) verifyAudit(ctx context.Context, actor *model.Actor, in *verifyInput) (verifyView, error) {
	r, err := a.rooms.Audit.Verify(ctx, actor, model.AuditAnchor{Block: in.Block, Hash: strings.ToLower(in.Hash)})
	if err != nil {
		return verifyView{}, err
	}
	return verifyView{OK: r.OK, At: timeView(r.At), Blocks: r.Blocks, Entries: r.Entries, Pruned: r.Pruned, Unsealed: r.Unsealed, Anchors: r.Anchors,
		Last: anchorOf(r.Last), FaultsN: r.FaultsAll, Faults: mapped(r.Faults, func(f audit.Fault) auditFaultView {
			return auditFaultView{Kind: string(f.Kind), Entry: f.Entry, Block: f.Block, Detail: f.Detail}
		})}, nil
}

// auditExport adds the route that answers with a spreadsheet, written as it is read.
func (a *API) auditExport(w who, path, summary string) {
	op := a.operation(http.MethodGet, w, path, summary)
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}},
	}}}
	huma.Register(a.huma, op, func(ctx context.Context, in *AuditQuery) (*huma.StreamResponse, error) {
		file, err := a.rooms.Audit.Export(ctx, actorOf(ctx), in.filter())
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Content-Type", "text/csv; charset=utf-8")
			hc.SetHeader("Content-Disposition", `attachment; filename="audit.csv"; filename*=UTF-8''`+url.PathEscape(file.FileName))
			hc.SetHeader("Cache-Control", "private, no-store")
			hc.SetStatus(http.StatusOK)
			if err := file.Write(ctx, hc.BodyWriter()); err != nil {
				a.log.WarnContext(ctx, "audit export not written to its end", "request_id", requestID(ctx), "cause", err)
			}
		}}, nil
	})
}
