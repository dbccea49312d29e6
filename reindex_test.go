package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestReindexOfAnEmptyInstallation(t *testing.T) {
	dir := t.TempDir()
	getenv := func(name string) string {
		if name == "ZHIBU_DATA_DIR" {
			return dir
		}
		return ""
	}
	var out bytes.Buffer
	if err := run(context.Background(), []string{"reindex"}, getenv, strings.NewReader(""), &out, &out); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "已重建 0 篇文章的检索索引。\n" {
		t.Error(got)
	}
}
