package content

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"zhibu/model"
)

const (
	maxImportFile  = 4 << 20 // bytes of one file
	maxImportFiles = 5_000   // of one folder
)

// ImportFolder makes drafts of the Markdown and HTML files of a folder and of those below it. name is the folder's, by which its files are known
// when it is imported again. Pictures and files that lie beside them are kept by keep; nil leaves them out.
// Errors: not_found (the organisation), validation_failed. What is wrong with a file stands in the result.
func (s *Service) ImportFolder(ctx context.Context, im Import, folder fs.FS, name string, keep FileKeeper) (*ImportResult, error) {
	run, err := s.startImport(ctx, im)
	if err != nil {
		return nil, err
	}
	files, err := articleFiles(folder)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if err := run.take(ctx, run.fileCandidate(folder, name, file, keep)); err != nil {
			return &run.result, err
		}
	}
	return &run.result, nil
}

// articleFiles are the files that may be articles, in the order of their names.
func articleFiles(folder fs.FS) (files []string, err error) {
	err = fs.WalkDir(folder, ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case file != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.IsDir() && slices.Contains([]string{".md", ".markdown", ".html", ".htm"}, strings.ToLower(path.Ext(file))):
			files = append(files, file)
		}
		if len(files) > maxImportFiles {
			return model.BadField("folder", "too_many", fmt.Sprintf("一次最多导入 %d 个文件，请分几个文件夹导入。", maxImportFiles))
		}
		return nil
	})
	return files, err
}

// fileCandidate reads a file once, to know it by its content.
func (r *importRun) fileCandidate(folder fs.FS, name, file string, keep FileKeeper) candidate {
	raw, err := readFile(folder, file)
	sum := sha256.Sum256(raw)
	c := candidate{
		name: file, digest: hex.EncodeToString(sum[:]),
		changed: "这个文件导入之后有过改动，没有重复导入。请直接修改草稿或文章。",
	}
	c.sources = []string{hashOf("file", r.OrgID, name+"/"+file), hashOf("content", r.OrgID, c.digest)}
	if err != nil {
		c.sources = nil
	}
	c.read = func(ctx context.Context) (Input, []string, error) {
		if err != nil {
			return Input{}, nil, err
		}
		return r.readArticle(ctx, folder, file, readText(raw), keep)
	}
	return c
}

func readFile(folder fs.FS, file string) ([]byte, error) {
	info, err := fs.Stat(folder, file)
	if err == nil && info.Size() > maxImportFile {
		return nil, model.BadField("file", "too_long", fmt.Sprintf("文件超过 %d MB。", maxImportFile>>20))
	}
	var raw []byte
	if err == nil {
		raw, err = fs.ReadFile(folder, file)
	}
	if err != nil {
		return nil, model.BadField("file", "unreadable", "文件读取失败，请检查文件和权限。").Because(err)
	}
	return raw, nil
}

// readArticle makes what an editor would write out of a file.
func (r *importRun) readArticle(ctx context.Context, folder fs.FS, file, text string, keep FileKeeper) (Input, []string, error) {
	if model.ClassifiedName(path.Base(file)) {
		return Input{}, nil, model.BadField("file", "classified_name", "文件名显示这可能是涉密或内部资料，不能导入。请核实；如确可公开，请更正文件名。")
	}
	head, body, err := splitFront(text)
	if err != nil {
		return Input{}, nil, err
	}
	var notes []string
	in, unused, err := head.input()
	for _, k := range unused {
		if !slices.Contains(r.result.Unused, k) {
			r.result.Unused = append(r.result.Unused, k)
		}
	}
	if err != nil {
		return Input{}, nil, err
	}
	beside := &besideFiles{run: r, ctx: ctx, folder: folder, file: file, keep: keep, have: map[string]string{}}
	title := ""
	if strings.HasPrefix(strings.ToLower(path.Ext(file)), ".htm") {
		elsewhere := against(head.sourceURL())
		d, err := readDocument(body, func(attribute, address string) string {
			if own := beside.resolve(attribute, address); own != "" {
				return own
			}
			return elsewhere(attribute, address)
		})
		if err != nil {
			return Input{}, nil, err
		}
		in.BodyHTML, title = &d.body, d.title
	} else {
		title, body = markdownTitle(body)
		body = beside.inMarkdown(body)
		in.BodyMarkdown = &body
	}
	if beside.err != nil {
		return Input{}, nil, beside.err
	}
	if in.Title == nil {
		if title == "" {
			title = strings.TrimSuffix(path.Base(file), path.Ext(file))
			notes = append(notes, "文件没有写标题，暂用文件名。")
		}
		in.Title = &title
	} else if in.BodyMarkdown != nil && title != "" && title != model.SingleLine(*in.Title) { // the first heading was no title
		body = "# " + title + "\n\n" + body
	}
	if model.ClassifiedName(*in.Title) {
		return Input{}, nil, model.BadField("title", "classified_name", "标题显示这可能是涉密或内部资料，不能导入。")
	}
	return in, append(notes, beside.notes...), nil
}

var firstHeading = regexp.MustCompile(`^\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|$)`)

// markdownTitle takes the first heading off a text that begins with one.
func markdownTitle(body string) (title, rest string) {
	m := firstHeading.FindStringSubmatchIndex(body)
	if m == nil {
		return "", body
	}
	return model.SingleLine(body[m[2]:m[3]]), body[m[1]:]
}

// besideFiles keeps the pictures and files that lie beside an article and that it shows or links to.
type besideFiles struct {
	run    *importRun
	ctx    context.Context
	folder fs.FS
	file   string
	keep   FileKeeper
	have   map[string]string // by path
	notes  []string
	err    error // of the program's, not of the file's
}

// resolve is the address under which a file beside the article is kept; empty for what does not lie there.
func (b *besideFiles) resolve(attribute, address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "" || u.Host != "" || u.Path == "" || b.err != nil {
		return ""
	}
	at := path.Join(path.Dir(b.file), u.Path)
	if strings.HasPrefix(u.Path, "/") {
		at = path.Clean(u.Path[1:])
	}
	if !fs.ValidPath(at) || at == "." {
		return ""
	}
	if known, ok := b.have[at]; ok {
		return known
	}
	if info, err := fs.Stat(b.folder, at); err != nil || !info.Mode().IsRegular() {
		if attribute == "src" {
			b.notes = append(b.notes, "没有找到图片 "+at+"，请在草稿中补上。")
		}
		b.have[at] = ""
		return ""
	}
	if slices.Contains([]string{".md", ".markdown", ".html", ".htm"}, strings.ToLower(path.Ext(at))) {
		return "" // another article
	}
	b.have[at] = b.kept(at)
	return b.have[at]
}

// kept hands a file on, and is empty when it was refused.
func (b *besideFiles) kept(at string) string {
	if b.run.DryRun {
		return ""
	}
	if b.keep == nil {
		b.notes = append(b.notes, "文件 "+at+" 没有一起导入，请在草稿中补上。")
		return ""
	}
	f, err := b.folder.Open(at)
	if err != nil {
		b.notes = append(b.notes, "文件 "+at+" 读取失败，请在草稿中补上。")
		return ""
	}
	id, err := b.keep.Keep(b.ctx, b.run.actor, path.Base(at), f)
	err = errors.Join(err, f.Close())
	switch code := model.CodeOf(err); {
	case err == nil:
		return "/files/" + id
	case code == model.CodeInternal || code == model.CodeUnavailable:
		b.err = err
	default:
		b.notes = append(b.notes, "文件 "+at+" 没有导入："+strings.Join(faultsOf(err), "；"))
	}
	return ""
}

// Where Markdown names files: in pictures and links, and in the HTML that may stand in it.
var (
	markdownPlace = regexp.MustCompile(`(!?)(\[[^\]\n]*\]\(\s*<?)([^)<>\s]+)`)
	htmlPlace     = regexp.MustCompile(`()(\b(?:src|href)\s*=\s*["'])([^"'\n]+)`)
)

// inMarkdown puts the lasting addresses of files that lie beside the article into its text.
func (b *besideFiles) inMarkdown(body string) string {
	for _, place := range []*regexp.Regexp{markdownPlace, htmlPlace} {
		body = place.ReplaceAllStringFunc(body, func(found string) string {
			m := place.FindStringSubmatch(found)
			attribute := "href"
			if m[1] == "!" || strings.HasPrefix(m[2], "src") {
				attribute = "src"
			}
			if own := b.resolve(attribute, m[3]); own != "" {
				return m[1] + m[2] + own
			}
			return found
		})
	}
	return body
}
