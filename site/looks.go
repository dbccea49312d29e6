package site

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"zhibu/model"
)

//go:embed templates/*.html style.css icon.svg
var files embed.FS

// looks are the templates, and the files that pages refer to.
type looks struct {
	pages  map[string]*template.Template
	assets map[string]*leaf // by name, such as style-1a2b3c4d.css
}

// newLooks reads what is embedded; what cannot be read is a mistake of the build.
func newLooks() *looks {
	l := &looks{pages: map[string]*template.Template{}, assets: map[string]*leaf{}}
	style := l.asset("style.css", "text/css; charset=utf-8")
	icon := l.asset("icon.svg", "image/svg+xml")
	around := template.Must(template.New("layout.html").Funcs(template.FuncMap{
		"style": func() string { return style }, "icon": func() string { return icon }, "address": articleAddress, "category": categoryAddress,
		"day": dayText, "stamp": stamp, "size": sizeText, "kind": kindText, "date": dateText,
	}).ParseFS(files, "templates/layout.html", "templates/items.html"))
	for _, name := range []string{"home", "category", "article", "search", "privacy", "fault"} {
		l.pages[name] = template.Must(template.Must(around.Clone()).ParseFS(files, "templates/"+name+".html"))
	}
	return l
}

// asset keeps an embedded file under a name that changes with its content, and returns its path.
func (l *looks) asset(name, mime string) string {
	body, err := files.ReadFile(name)
	if err != nil {
		panic("site: not embedded: " + err.Error())
	}
	kept, err := newLeaf(mime, body, time.Time{})
	if err != nil {
		panic("site: " + name + ": " + err.Error())
	}
	sum := sha256.Sum256(body)
	ending := path.Ext(name)
	named := strings.TrimSuffix(name, ending) + "-" + hex.EncodeToString(sum[:4]) + ending
	kept.modified = time.Time{}
	l.assets[named] = kept
	return "/site/" + named
}

// render makes a page.
func (l *looks) render(name string, f frame) ([]byte, error) {
	var b bytes.Buffer
	if err := l.pages[name].ExecuteTemplate(&b, "layout.html", f); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// asset serves a file that pages refer to. Under the name of another version, which a page made by another release may ask for, it gets ours.
func (s *Site) asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	kept, current := s.looks.assets[name]
	if !current {
		stem, _, _ := strings.Cut(name, "-")
		for other, l := range s.looks.assets {
			if strings.HasPrefix(other, stem+"-") && path.Ext(other) == path.Ext(name) {
				kept = l
			}
		}
	}
	if kept == nil {
		s.nowhere(w, r)
		return
	}
	cache := checked
	if current {
		cache = "public, max-age=31536000, immutable"
	}
	s.write(w, r, kept, cache)
}

// dayText is a day as people read it.
func dayText(t time.Time) string { return t.In(model.Zone).Format("2006年1月2日") }

// dateText is a civil day as people read it.
func dateText(d model.Date) string { return dayText(d.Start()) }

// stamp is an instant as programs read it.
func stamp(t time.Time) string { return t.In(model.Zone).Format(time.RFC3339) }

// sizeText is the size of a file as people read it.
func sizeText(bytes int64) string {
	switch {
	case bytes < 1<<10:
		return strconv.FormatInt(bytes, 10) + " B"
	case bytes < 1<<20:
		return strconv.FormatInt((bytes+1<<9)>>10, 10) + " KB"
	}
	return strconv.FormatFloat(float64(bytes)/(1<<20), 'f', 1, 64) + " MB"
}

// kindText names a file's type for people.
func kindText(mime string) string {
	switch {
	case mime == model.MIMEPDF:
		return "PDF"
	case mime == model.MIMEDocx:
		return "Word"
	case mime == model.MIMEXlsx:
		return "Excel"
	case mime == model.MIMEPptx:
		return "PowerPoint"
	case model.IsPicture(mime):
		return "图片"
	}
	return "文件"
}
