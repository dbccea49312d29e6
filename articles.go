package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/service/content"
	"zhibu/service/upload"
)

// importOptions are common to the commands that make drafts.
type importOptions struct {
	Org      string `required:"" help:"The organisation they belong to, by id or by its full name."`
	Category string `help:"theory, central, law, example or news; for what does not say its own."`
	Author   string `help:"In whose name the drafts stand, by name or id: a secretary, committee member or worker of the organisation or above. The nearest secretary when missing."`
	DryRun   bool   `help:"Tell what is wrong, and write nothing."`
}

type articlesCommand struct {
	Dir string `arg:"" type:"existingdir" help:"A folder of Markdown or HTML files, with those below it."`
	importOptions
}

type feedCommand struct {
	Feed string `arg:"" help:"An RSS or Atom feed: its address or a file."`
	importOptions
}

// Run makes drafts of a folder's files.
func (c articlesCommand) Run(w *world) error {
	folder, err := os.OpenRoot(c.Dir)
	if err != nil {
		return err
	}
	whole, err := filepath.Abs(c.Dir)
	if err != nil {
		return errors.Join(err, folder.Close())
	}
	err = c.run(w, func(h *house, im content.Import) (*content.ImportResult, error) {
		return h.content.ImportFolder(w.ctx, im, folder.FS(), filepath.Base(whole), besideFiles{h.upload})
	})
	return errors.Join(err, folder.Close())
}

// Run makes drafts of a feed's entries.
func (c feedCommand) Run(w *world) error {
	feed, address, err := openFeed(w.ctx, c.Feed)
	if err != nil {
		return err
	}
	err = c.run(w, func(h *house, im content.Import) (*content.ImportResult, error) {
		return h.content.ImportFeed(w.ctx, im, address, feed)
	})
	return errors.Join(err, feed.Close())
}

// feedWait is how long another server may take to hand over its feed.
const feedWait = 60 * time.Second

// openFeed opens a file, or asks the server at an address.
func openFeed(ctx context.Context, where string) (io.ReadCloser, string, error) {
	u, err := url.Parse(where)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		f, err := os.Open(where)
		return f, "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, where, nil)
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("User-Agent", "zhibu/"+version)
	req.Header.Set("Accept", "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1")
	client := &http.Client{Timeout: feedWait}
	res, err := client.Do(req)
	if err != nil {
		return nil, "", fmt.Errorf("%s 打不开：%w", where, err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, "", errors.Join(fmt.Errorf("%s 回答 %s", where, res.Status), res.Body.Close())
	}
	return res.Body, res.Request.URL.String(), nil
}

// run opens the house, imports, and says what became of everything. Nothing else runs meanwhile.
func (o importOptions) run(w *world, bring func(h *house, im content.Import) (*content.ImportResult, error)) (err error) {
	h, err := build(w.ctx, w.cfg, newClock(w.cfg.ClockStart), newLogger(w.stderr))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	org, err := rosterCommand{Org: o.Org}.org(w, h.store)
	if err != nil {
		return err
	}
	r, err := bring(h, content.Import{OrgID: org.ID, Author: o.Author, Category: model.Category(o.Category), DryRun: o.DryRun})
	if r != nil {
		err = errors.Join(err, o.report(w, org, r))
	}
	return err
}

func (o importOptions) report(w *world, org *model.Org, r *content.ImportResult) error {
	how, added := "已导入", "新增草稿"
	if o.DryRun {
		how, added = "试运行（没有写入）", "可导入"
	}
	lines := []string{fmt.Sprintf("%s：%s：%s %d（记在 %s 名下），此前已导入 %d，有问题 %d。", how, org.Name, added, r.Added, r.Author, r.Known, r.Failed)}
	if len(r.Unused) > 0 {
		lines = append(lines, "  文件开头的这些说明没有用到："+strings.Join(r.Unused, "、"))
	}
	for _, i := range r.Items {
		for _, f := range i.Faults {
			lines = append(lines, "  未导入 "+i.Name+"："+f)
		}
		for _, n := range i.Notes {
			lines = append(lines, "  请留意 "+i.Name+"："+n)
		}
	}
	_, err := fmt.Fprintln(w.stdout, strings.Join(lines, "\n"))
	if err == nil && r.Failed > 0 { // a script that imports every night must notice
		err = fmt.Errorf("%d 篇没有导入，原因见上；其余不受影响，改正后重新运行即可", r.Failed)
	}
	return err
}

// besideFiles keeps the files that lie beside an imported article.
type besideFiles struct{ upload *upload.Service }

// Keep takes a file in as an upload of the actor's.
func (f besideFiles) Keep(ctx context.Context, actor *model.Actor, name string, r io.Reader) (string, error) {
	u, err := f.upload.Add(ctx, actor, name, r)
	if err != nil {
		return "", err
	}
	return u.ID, nil
}
