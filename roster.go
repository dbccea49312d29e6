package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/member"
	"zhibu/service/vault"
)

type rosterCommand struct {
	File   string `arg:"" type:"existingfile" help:"The roster, .xlsx or .csv, as the branch keeps it."`
	Org    string `help:"The organisation it belongs to, by id or by its full name; not needed when there is one branch alone."`
	DryRun bool   `help:"Tell what would change, and change nothing."`
}

// Run imports a roster and says what became of each row that did not go in.
func (c rosterCommand) Run(w *world) (err error) {
	clock := newClock(w.cfg.ClockStart)
	secret, err := w.cfg.Secret()
	if err != nil {
		return err
	}
	v, err := vault.New(secret)
	if err != nil {
		return err
	}
	s, err := openStore(w.ctx, w.cfg, clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	s.SignAudit(v.AuditKey())
	org, err := c.org(w, s)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	r, err := member.New(s, v, nil, clock).ImportFile(w.ctx, model.SystemActor(), org.ID, file, info.Size(), filepath.Base(c.File), c.DryRun)
	if err != nil {
		return err
	}
	return c.report(w, org, r)
}

// org finds the organisation by id or name, or takes the only branch.
func (c rosterCommand) org(w *world, s *store.Store) (*model.Org, error) {
	all, err := s.Orgs(w.ctx)
	if err != nil {
		return nil, err
	}
	var found, branches []model.Org
	for _, o := range all {
		if o.ID == c.Org || o.Name == c.Org {
			found = append(found, o)
		}
		if o.Kind == model.OrgBranch {
			branches = append(branches, o)
		}
	}
	if c.Org == "" {
		found = branches
	}
	if len(found) == 1 {
		return &found[0], nil
	}
	list := make([]string, len(branches))
	for i, b := range branches {
		list[i] = "  " + b.ID + "  " + b.Name
	}
	return nil, fmt.Errorf("say with --org which organisation the roster belongs to, by id or full name. The branches are:\n%s", strings.Join(list, "\n"))
}

func (c rosterCommand) report(w *world, org *model.Org, r *member.Result) error {
	how := "已导入"
	if c.DryRun {
		how = "试运行（没有写入）"
	}
	lines := []string{fmt.Sprintf("%s：%s：新增 %d，更新 %d，未变 %d，有问题 %d。", how, org.Name, r.Created, r.Updated, r.Unchanged, len(r.Errors))}
	if len(r.IgnoredColumns) > 0 {
		lines = append(lines, "未读取的列："+strings.Join(r.IgnoredColumns, "、"))
	}
	for _, e := range r.Errors {
		lines = append(lines, fmt.Sprintf("  第 %d 行 %s：%s", e.Row, e.Column, e.Detail))
	}
	_, err := fmt.Fprintln(w.stdout, strings.Join(lines, "\n"))
	return err
}
