package content

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"zhibu/model"
	"zhibu/model/store"
)

// Import says for whom articles are brought in. They become drafts, which somebody looks through before they come out.
type Import struct {
	OrgID    string
	Author   string         // id or name of the secretary or worker who will look them through; empty: whoever stands nearest
	Category model.Category // of what does not say its own
	DryRun   bool           // find faults, and write nothing
}

// Imported is what became of one file, or of one entry of a feed.
type Imported struct {
	Name      string
	ArticleID string   // the new draft
	Known     bool     // it was imported before
	Faults    []string // why it was not imported
	Notes     []string // what to look at in the draft
}

// ImportResult is what became of everything.
type ImportResult struct {
	Author               string // in whose name the drafts are
	Added, Known, Failed int
	Items                []Imported
	Unused               []string // what files say of themselves that nobody here asks
}

// FileKeeper keeps a file that lies beside an article, in the name of the actor.
type FileKeeper interface {
	Keep(ctx context.Context, actor *model.Actor, name string, r io.Reader) (uploadID string, err error)
}

// candidate is something to be imported: by what it is known, and how it is read. Reading may take a while; what is known is not read.
type candidate struct {
	name    string
	digest  string   // of the content as it came
	sources []string // hashes of what tells it from others
	changed string   // what to say where a source is known with other content; empty: nothing
	read    func(ctx context.Context) (Input, []string, error)
}

// errKnown ends the transaction of a draft that another import has just written.
var errKnown = errors.New("content: imported by another at the same moment")

// importRun is one import at work.
type importRun struct {
	Import
	service *Service
	actor   *model.Actor
	result  ImportResult
}

// startImport finds the organisation's person in whose name the drafts will be.
// Errors: not_found (the organisation), validation_failed (nobody may write there).
func (s *Service) startImport(ctx context.Context, im Import) (*importRun, error) {
	org, err := s.store.Org(ctx, im.OrgID)
	if err != nil {
		return nil, err
	}
	if im.Category != "" && !im.Category.Valid() {
		return nil, model.BadField("category", "not_allowed", "没有这个栏目。栏目可以是 theory、central、law、example 或 news。")
	}
	grants, err := s.store.HoldersOver(ctx, org.Path, model.RoleSecretary, model.RoleStaff, model.RoleCommitteeMember, model.RoleAdmin)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(grants, func(a, b model.Grant) int { // the nearest organisation first, and in it the secretary before the committee
		if d := len(b.OrgPath) - len(a.OrgPath); d != 0 {
			return d
		}
		return b.Role.Rank() - a.Role.Rank()
	})
	ids := make([]string, len(grants))
	for i, g := range grants {
		ids[i] = g.MemberID
	}
	people, err := s.store.MembersByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, g := range grants {
		m, ok := people[g.MemberID]
		if !ok {
			continue
		}
		if im.Author == "" || im.Author == m.ID || im.Author == m.Name {
			actor := &model.Actor{MemberID: m.ID, Name: m.Name, PartyStatus: m.PartyStatus, Powers: []model.Power{{OrgID: g.OrgID, Path: g.OrgPath, Role: g.Role}}}
			return &importRun{Import: im, service: s, actor: actor, result: ImportResult{Author: m.Name}}, nil
		}
		names = append(names, m.Name)
	}
	if len(names) == 0 {
		return nil, model.BadField("author", "not_found", "该组织及其上级还没有书记、支委或工作人员，草稿无人可以审阅。请先设置角色。")
	}
	return nil, model.BadField("author", "not_found", "草稿只能记在该组织或上级的书记、支委、工作人员名下："+strings.Join(slices.Compact(names), "、")+"。")
}

// take imports one candidate. What is wrong with it is noted, and the others go on; only what is wrong with the program ends the import.
func (r *importRun) take(ctx context.Context, c candidate) error {
	item := Imported{Name: c.name}
	err := r.draft(ctx, c, &item)
	switch code := model.CodeOf(err); {
	case err == nil && item.Known:
		r.result.Known++
	case err == nil:
		r.result.Added++
	case ctx.Err() != nil || code == model.CodeInternal || code == model.CodeUnavailable:
		return err
	default:
		r.result.Failed++
		item.Faults = append(item.Faults, faultsOf(err)...)
	}
	r.result.Items = append(r.result.Items, item)
	return nil
}

// faultsOf are the sentences of an error, each once.
func faultsOf(err error) []string {
	var own *model.Error
	if !errors.As(err, &own) {
		return []string{err.Error()}
	}
	if len(own.Fields) == 0 {
		return []string{own.Detail}
	}
	var list []string
	for _, f := range own.Fields {
		if !slices.Contains(list, f.Detail) {
			list = append(list, f.Detail)
		}
	}
	return list
}

func (r *importRun) draft(ctx context.Context, c candidate, item *Imported) error {
	known, err := r.service.store.ArticleImports(ctx, c.sources)
	if err != nil {
		return err
	}
	if len(known) > 0 {
		item.Known = true
		same := false
		for _, k := range known {
			same = same || k.Digest == c.digest
		}
		if !same && c.changed != "" {
			item.Notes = append(item.Notes, c.changed)
		}
		return nil
	}
	in, notes, err := c.read(ctx)
	if err != nil {
		return err
	}
	if in.Category == nil && r.Category != "" {
		in.Category = &r.Category
	}
	if in.Category == nil || *in.Category == "" {
		return model.BadField("category", "required", "没有注明栏目，请在文件开头写明，或用 --category 指定。")
	}
	item.Notes = append(item.Notes, notes...)
	if r.DryRun {
		return r.service.CheckCreate(ctx, r.actor, r.OrgID, in)
	}
	f, err := r.service.create(ctx, r.actor, r.OrgID, in, func(tx *store.Store, a *model.Article) error { return remember(ctx, tx, c, a) })
	if errors.Is(err, errKnown) {
		item.Known = true
		return nil
	}
	if err != nil {
		return err
	}
	item.ArticleID = f.ID
	item.Notes = append(item.Notes, f.Notes...)
	like, err := r.service.similar(ctx, r.actor, Likely{Title: f.Title, DocNo: f.DocNo, Plain: f.Body.Plain, Except: f.ID})
	if err != nil {
		return err
	}
	if len(like) > 0 {
		item.Notes = append(item.Notes, fmt.Sprintf("已有同类内容：《%s》（%s），发布前请比对。", like[0].Title, like[0].OrgName))
	}
	return nil
}

// remember writes by what a draft is known, in the draft's own transaction: a crash leaves both or neither.
func remember(ctx context.Context, tx *store.Store, c candidate, a *model.Article) error {
	for _, source := range c.sources {
		first, err := tx.AddArticleImport(ctx, model.ArticleImport{Source: source, ArticleID: a.ID, Digest: c.digest, CreatedAt: a.CreatedAt})
		if err != nil {
			return err
		}
		if !first {
			return errKnown
		}
	}
	return nil
}

// hashOf is what a source is remembered by.
func hashOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return hex.EncodeToString(sum[:])
}
