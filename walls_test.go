package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// wall forbids the files in from, except those in except, to import what is in to. A name ending in /... means everything below too; "outside"
// stands for every module but the standard library, the empty name for the folder of main.
type wall struct {
	from, except, to []string
	tests            bool // holds for test files too
	why              string
}

var walls = []wall{
	{from: []string{"..."}, except: []string{"api/..."}, to: []string{"github.com/gin-gonic/..."}, tests: true,
		why: "only api speaks HTTP through gin"},
	{from: []string{"..."}, except: []string{"model/store/..."}, to: []string{"gorm.io/...", "modernc.org/..."}, tests: true,
		why: "only model/store speaks to the database; ask it for what you need"},
	{from: []string{"..."}, except: []string{"service/wechat/..."}, to: []string{"github.com/silenceper/..."}, tests: true,
		why: "only service/wechat speaks to WeChat's library, whose traps it knows"},
	{from: []string{"model"}, to: []string{"outside", "zhibu/..."},
		why: "model is the vocabulary: the standard library only"},
	{from: []string{"model/store/..."}, to: []string{"zhibu", "zhibu/api/...", "zhibu/config/...", "zhibu/service/..."},
		why: "the store knows the vocabulary and nobody above it"},
	{from: []string{"service/..."}, to: []string{"zhibu", "zhibu/api/...", "zhibu/config/..."},
		why: "a room knows neither the door nor the settings: main hands it what it needs"},
	{from: []string{"service/wechat/...", "service/blob/...", "service/cache/...", "service/job/...", "service/fetch/...", "service/paper/...", "service/sheet/...", "service/lockbox/...", "service/trace/..."}, to: []string{"zhibu/model/store/..."},
		why: "an adapter needs no database"},
	{from: []string{"api/..."}, to: []string{"zhibu", "zhibu/config/...", "zhibu/model/store/..."},
		why: "handlers ask the rooms; statements belong to them and the store"},
	{from: []string{"site/..."}, to: []string{"outside", "zhibu", "zhibu/api/...", "zhibu/config/...", "zhibu/demo/...", "zhibu/model/store/...", "zhibu/service/..."},
		why: "the public site shows what it is handed: the standard library and model only"},
	{from: []string{"config/..."}, to: []string{"zhibu", "zhibu/api/...", "zhibu/model/store/...", "zhibu/service/..."},
		why: "settings are values, read before anything is built"},
}

func TestWalls(t *testing.T) {
	for _, fault := range checkWalls(t, os.DirFS(".")) {
		t.Error(fault)
	}
}

// checkWalls parses every Go file of a module and names what breaks a wall, with the reason.
func checkWalls(t *testing.T, module fs.FS) (faults []string) {
	t.Helper()
	files := 0
	err := fs.WalkDir(module, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{"testdata", "tools", "bench", "data", "node_modules", ".git"}, d.Name()):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		source, err := fs.ReadFile(module, name)
		if err != nil {
			return err
		}
		files++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, source, 0)
		if err != nil {
			return err
		}
		say := func(at token.Pos, format string, args ...any) {
			faults = append(faults, fmt.Sprintf("%s: %s", set.Position(at), fmt.Sprintf(format, args...)))
		}
		checkImports(name, file, say)
		if !strings.HasSuffix(name, "_test.go") {
			checkTime(name, file, say)
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Fatalf("read %d files: %v", files, err)
	}
	return faults
}

type sayer func(at token.Pos, format string, args ...any)

func checkImports(name string, file *ast.File, say sayer) {
	dir := strings.TrimPrefix(path.Dir(name), ".")
	isTest := strings.HasSuffix(name, "_test.go")
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			say(spec.Pos(), "unreadable import %s", spec.Path.Value)
			continue
		}
		for _, w := range walls {
			if (w.tests || !isTest) && covers(w.from, dir) && !covers(w.except, dir) && covers(w.to, imported) {
				say(spec.Pos(), "%q may not import %q: %s", dir, imported, w.why)
			}
		}
		here, there := nounOf(dir), nounOf(strings.TrimPrefix(imported, "zhibu/"))
		if here != "" && there != "" && here != there && !isTest {
			say(spec.Pos(), "room %q may not import room %q: ask the store, put the rule into model, or declare an interface that main fills", here, there)
		}
	}
}

// covers reports whether one of the patterns fits a folder or an import.
func covers(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if p == "outside" {
			first, _, _ := strings.Cut(name, "/")
			return strings.Contains(first, ".")
		}
		below, deep := strings.CutSuffix(p, "...")
		return name == strings.TrimSuffix(below, "/") || deep && strings.HasPrefix(name, below)
	})
}

// nounOf is the noun of a folder under service, or nothing.
func nounOf(dir string) string {
	rest, ok := strings.CutPrefix(dir, "service/")
	if !ok {
		return ""
	}
	noun, _, _ := strings.Cut(rest, "/")
	return noun
}

// checkTime finds init functions, and time.Now where the clock is injected.
func checkTime(name string, file *ast.File, say sayer) {
	clock := ""
	for _, spec := range file.Imports {
		if spec.Path.Value == `"time"` {
			if clock = "time"; spec.Name != nil {
				clock = spec.Name.Name
			}
		}
	}
	injected := strings.HasPrefix(name, "service/") || strings.HasPrefix(name, "model/")
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Name.Name == "init" && n.Recv == nil {
				say(n.Pos(), "no init functions: what happens at the start is written in main, where it can be read and tested")
			}
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if ok && injected && clock != "" && x.Name == clock && slices.Contains([]string{"Now", "Since", "Until"}, n.Sel.Name) {
				say(n.Pos(), "no time.%s in model and service: take a model.Clock, so that tests and demonstrations can set it", n.Sel.Name)
			}
		}
		return true
	})
}

// Each wall is seen to stand: a module of one file that breaks it, and one that may do the same.
func TestWallsStopWhatTheyMust(t *testing.T) {
	imports := func(of string) string { return "package x\nimport _ \"" + of + "\"\n" }
	for _, c := range []struct{ file, source, want string }{
		{"service/meeting/m.go", imports("github.com/gin-gonic/gin"), "only api"},
		{"model/store/a_test.go", imports("github.com/gin-gonic/gin/binding"), "only api"},
		{"main.go", imports("github.com/gin-gonic/gin"), "only api"},
		{"api/meeting.go", imports("github.com/gin-gonic/gin"), ""},
		{"service/meeting/m.go", imports("gorm.io/gorm"), "only model/store"},
		{"api/a.go", imports("gorm.io/gorm/clause"), "only model/store"},
		{"demo/d.go", imports("modernc.org/sqlite"), "only model/store"},
		{"model/store/meeting.go", imports("gorm.io/gorm"), ""},
		{"model/store/storetest/open.go", imports("gorm.io/gorm"), ""},
		{"service/push/p.go", imports("github.com/silenceper/wechat/v2/cache"), "only service/wechat"},
		{"service/wechat/standin/s.go", imports("github.com/silenceper/wechat/v2/util"), ""},
		{"model/m.go", imports("github.com/google/uuid"), "the standard library only"},
		{"model/m.go", imports("zhibu/model/store"), "the standard library only"},
		{"model/m.go", imports("encoding/json"), ""},
		{"model/m_test.go", imports("pgregory.net/rapid"), ""},
		{"model/store/s.go", imports("zhibu/service/cache"), "nobody above"},
		{"model/store/s.go", imports("zhibu/model"), ""},
		{"service/push/p.go", imports("zhibu/config"), "neither the door"},
		{"service/push/p.go", imports("zhibu"), "neither the door"},
		{"service/push/p.go", imports("zhibu/model/store"), ""},
		{"service/push/p.go", imports("zhibu/service/member"), `room "push" may not import room "member"`},
		{"service/member/m.go", imports("zhibu/service/member/roster"), ""},
		{"service/push/p_test.go", imports("zhibu/service/wechat/standin"), ""},
		{"service/cache/c.go", imports("zhibu/model/store"), "an adapter"},
		{"service/cache/c_test.go", imports("zhibu/model/store/storetest"), ""},
		{"api/a.go", imports("zhibu/model/store"), "handlers ask"},
		{"api/a.go", imports("zhibu/service/meeting"), ""},
		{"api/a_test.go", imports("zhibu/model/store/storetest"), ""},
		{"site/s.go", imports("zhibu/service/content"), "what it is handed"},
		{"site/s.go", imports("golang.org/x/net/html"), "what it is handed"},
		{"site/s.go", imports("zhibu/model"), ""},
		{"config/c.go", imports("zhibu/service/push"), "settings are values"},
		{"main.go", imports("zhibu/service/push"), ""},
		{"service/push/p.go", "package x\nimport \"time\"\nvar f = time.Now\n", "no time.Now"},
		{"model/store/s.go", "package x\nimport clock \"time\"\nfunc f() { _ = clock.Since(clock.Time{}) }\n", "no time.Since"},
		{"model/store/s_test.go", "package x\nimport \"time\"\nfunc f() { _ = time.Now() }\n", ""},
		{"main.go", "package x\nimport \"time\"\nfunc f() { _ = time.Now() }\n", ""},
		{"api/a.go", "package x\nfunc init() {}\n", "no init"},
		{"api/a.go", "package x\ntype y struct{}\nfunc (y) init() {}\n", ""},
	} {
		faults := checkWalls(t, fstest.MapFS{c.file: {Data: []byte(c.source)}})
		switch got := strings.Join(faults, "\n"); {
		case c.want == "" && got != "":
			t.Errorf("%s is stopped, and must not be:\n%s%s", c.file, c.source, got)
		case c.want != "" && !strings.Contains(got, c.want):
			t.Errorf("%s passes, and must be stopped because %q: %q\n%s", c.file, c.want, got, c.source)
		}
	}
}
