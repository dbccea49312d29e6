package model_test

import (
	"testing"

	"zhibu/model"
)

func TestPlainCell(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "王芳": "王芳", "138": "138", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@a": "'@a", "\t=1": "'\t=1", "\r1": "'\r1", "＝1": "'＝1", "＋1": "'＋1",
		"－1": "'－1", "＠a": "'＠a", "'王": "'王", "\xff=": "\xff=",
	} {
		if got := model.PlainCell(in); got != want || model.UnmarkCell(got) != in {
			t.Errorf("PlainCell(%q) = %q, want %q, and back %q", in, got, want, model.UnmarkCell(got))
		}
	}
}
