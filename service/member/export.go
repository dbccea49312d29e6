package member

import (
	"bytes"
	"context"
	"strconv"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/member/roster"
)

// File is a roster ready to be saved.
type File struct {
	Name string
	Data []byte
}

// Export writes the roster of an organisation and all below it as a spreadsheet, phones masked. Since it carries many people's data out of the house,
// it is for those who keep the roster, and in the audit. Errors: not_found, forbidden.
func (s *Service) Export(ctx context.Context, actor *model.Actor, orgID string) (*File, error) {
	o, err := leadOrg(ctx, s.store, actor, orgID, model.CanEditRoster, "导出花名册由支部书记办理。")
	if err != nil {
		return nil, err
	}
	now := s.clock()
	rows, err := s.store.WholeRoster(ctx, o.Path)
	if err != nil {
		return nil, err
	}
	entries, err := s.entries(ctx, o, rows)
	if err != nil {
		return nil, err
	}
	groups, err := s.groupNames(ctx)
	if err != nil {
		return nil, err
	}
	lines := make([]roster.ExportRow, len(entries))
	for i, e := range entries {
		lines[i] = roster.ExportRow{Name: e.Member.Name, Phone: e.Member.PhoneMask, PartyStatus: e.Member.PartyStatus, Employer: e.Member.Employer,
			Title: e.Member.Title, Group: groups[e.OrgID], JoinedOn: e.JoinedOn, Bound: e.Bound, Roles: e.Roles}
	}
	var b bytes.Buffer
	if err := roster.Write(&b, o.Name+"花名册", lines); err != nil {
		return nil, model.Fail(model.CodeInternal, "花名册没有生成，请稍后再试。").Because(err)
	}
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		return tx.Audit(ctx, now, actor, "roster.export", "org:"+o.ID, o.ID, map[string]string{"rows": strconv.Itoa(len(lines))})
	})
	if err != nil {
		return nil, err
	}
	return &File{Name: o.Name + "花名册-" + string(model.DateOf(now)) + ".xlsx", Data: b.Bytes()}, nil
}

func (s *Service) groupNames(ctx context.Context) (map[string]string, error) {
	orgs, err := s.store.Orgs(ctx)
	names := map[string]string{}
	for _, o := range orgs {
		if o.Kind == model.OrgGroup {
			names[o.ID] = o.Name
		}
	}
	return names, err
}
