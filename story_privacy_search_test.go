package main

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// dumped reads every column of every row of every table, whatever its type, and tells where one of the texts stands.
func dumped(t *testing.T, db *sql.DB, traces []string) (found []string) {
	t.Helper()
	list := "SELECT name FROM sqlite_master WHERE type = 'table'"
	tables, err := db.QueryContext(t.Context(), list)
	if err != nil {
		if tables, err = db.QueryContext(t.Context(), "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	defer func() { _ = tables.Close() }()
	for tables.Next() {
		var name string
		if err := tables.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := tables.Err(); err != nil || len(names) < 50 {
		t.Fatalf("%d tables: %v", len(names), err)
	}
	for _, name := range names {
		found = append(found, dumpedTable(t, db, name, traces)...)
	}
	return found
}

func dumpedTable(t *testing.T, db *sql.DB, name string, traces []string) (found []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		cells := make([]sql.RawBytes, len(columns))
		to := make([]any, len(columns))
		for i := range cells {
			to[i] = &cells[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		for i, c := range cells {
			for _, s := range traces {
				if bytes.Contains(c, []byte(s)) {
					found = append(found, fmt.Sprintf("%s.%s: %s in %s", name, columns[i], s, c))
				}
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// lookedThrough reads every file below a folder, the database's own among them, byte by byte.
func lookedThrough(t *testing.T, folder string, traces []string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, s := range traces {
			if bytes.Contains(data, []byte(s)) || strings.Contains(path, s) {
				found = append(found, filepath.Base(path)+": "+s)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// unpacked is lookedThrough for an archive.
func unpacked(t *testing.T, archive string, traces []string) (found []string) {
	t.Helper()
	z, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range traces {
			if bytes.Contains(data, []byte(s)) {
				found = append(found, f.Name+": "+s)
			}
		}
	}
	return found
}
