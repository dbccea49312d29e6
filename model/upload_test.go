package model

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestClassifiedName(t *testing.T) {
	for name, want := range map[string]bool{
		"关于召开会议的通知（机密）.docx": true,
		"机密.pdf":          true,
		"年报-机密":           true,
		"机 密 文件.pdf":      true,
		"绝密★启用前.pdf":      true,
		"秘密★一年.pdf":       true,
		"秘密 ★ 5年.pdf":     true,
		"【内部资料】学习材料.pptx": true,
		"内部\u200b资料.pdf":  true,
		"内部 资料.pdf":       true,
		"../机密/报告.pdf":    true,
		"手机密码设置说明.pdf":    false,
		"保守秘密承诺书.docx":    false,
		"内部控制资料.xlsx":     false,
		"学习计划.docx":       false,
		"":                false,
	} {
		if got := ClassifiedName(name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

func TestCleanFileName(t *testing.T) {
	for _, c := range []struct{ name, mime, want string }{
		{"年度计划.docx", MIMEDocx, "年度计划.docx"},
		{"Photo.JPEG", MIMEJPEG, "Photo.jpeg"},
		{"../../etc/passwd", MIMEPDF, "passwd.pdf"},
		{`C:\Users\我\桌面\报告.pdf`, MIMEPDF, "报告.pdf"},
		{"a\x00b\r\nSet-Cookie: x.pdf", MIMEPDF, "ab Set-Cookie x.pdf"},
		{"报告.pdf.exe", MIMEPDF, "报告.pdf.exe.pdf"},
		{"page.html", MIMEPNG, "page.html.png"},
		{"", MIMEPNG, "文件.png"},
		{"...", MIMEPNG, "文件.png"},
		{".png", MIMEPNG, "png.png"},
		{"a/", MIMEPDF, "a.pdf"},
		{"x\u202efdp.exe", MIMEPDF, "xfdp.exe.pdf"},
		{"a  <b>|c?.pdf", MIMEPDF, "a b c.pdf"},
	} {
		if got := CleanFileName(c.name, c.mime); got != c.want {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
	}
	long := CleanFileName(strings.Repeat("长", 300)+".pptx", MIMEPptx)
	if n := utf8.RuneCountInString(long); n > MaxFileName || !strings.HasSuffix(long, ".pptx") {
		t.Errorf("a long name became %d characters: %s", n, long)
	}
}

func TestFileLinkExpiry(t *testing.T) {
	monday := time.Date(2026, 11, 23, 0, 0, 0, 0, Zone)
	want := time.Date(2026, 11, 26, 0, 0, 0, 0, Zone)
	for _, at := range []time.Time{monday, monday.Add(time.Hour), monday.Add(24*time.Hour - time.Millisecond)} {
		if got := FileLinkExpiry(at.UTC()); !got.Equal(want) {
			t.Errorf("links of %s end %s, want %s", at, got, want)
		}
	}
	if got := FileLinkExpiry(monday.Add(-time.Millisecond)); !got.Equal(want.AddDate(0, 0, -1)) {
		t.Errorf("links of the day before end %s", got)
	}
}
