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

func TestMoreNamesOfWhatStaysInside(t *testing.T) {
	for name, want := range map[string]bool{
		"绝密.pdf": true, "絕密★.pdf": true, "機密文件.docx": true, "内部文件汇编.pdf": true, "（内部不上网）会议材料.docx": true, "會議材料（內部資料）.pdf": true, "严禁上网.pdf": true, "秘密*3年.pdf": true,
		"手机密码找回说明.pdf": false, "内部控制制度.pdf": false, "秘密花园.pdf": false, "上网课须知.pdf": false, "科室内部学习.pdf": false,
	} {
		if ClassifiedName(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

func TestStatesOfPictures(t *testing.T) {
	all := []MediaState{MediaFree, MediaWaiting, MediaHeld, MediaPassed, MediaRefused}
	for _, c := range []struct {
		from  MediaState
		to    string
		shown bool
	}{
		{MediaFree, "refused", true}, {MediaWaiting, "held passed refused", false}, {MediaHeld, "passed refused", false}, {MediaPassed, "refused", true}, {MediaRefused, "passed", false},
	} {
		var may []string
		for _, to := range all {
			if c.from.May(to) {
				may = append(may, string(to))
			}
		}
		if got := strings.Join(may, " "); got != c.to || (&Upload{Media: c.from}).Shown() != c.shown || c.from.Label() == "" {
			t.Errorf("%q: to %q, shown %v, %s", c.from, got, !c.shown, c.from.Label())
		}
	}
}

func TestWhichWidthIsHandedOut(t *testing.T) {
	for _, c := range []struct {
		kept  []int
		asked int
		want  int
	}{
		{[]int{240, 750}, 0, 0}, {[]int{240, 750}, 1, 240}, {[]int{240, 750}, 240, 240}, {[]int{240, 750}, 241, 750}, {[]int{240, 750}, 751, 0},
		{[]int{240, 750}, -5, 0}, {[]int{240}, 750, 0}, {nil, 240, 0},
	} {
		if got := (&Upload{Thumbs: c.kept}).ThumbFor(c.asked); got != c.want {
			t.Errorf("%v for %d: %d, want %d", c.kept, c.asked, got, c.want)
		}
	}
}

func TestWhoLooksAfterFiles(t *testing.T) {
	member := &Actor{MemberID: "m", Powers: []Power{{Path: "/r/a/", Role: RoleGroupLeader}}}
	committee := &Actor{MemberID: "c", Powers: []Power{{Path: "/r/a/", Role: RoleCommitteeMember}}}
	for name, c := range map[string]struct {
		actor *Actor
		paths []string
		want  bool
	}{
		"the committee": {committee, []string{"/x/", "/r/a/1/"}, true},
		"of another":    {committee, []string{"/r/b/"}, false},
		"of nobody":     {committee, nil, false},
		"a group's":     {member, []string{"/r/a/"}, false},
		"the program":   {SystemActor(), []string{"/r/a/"}, false},
		"a stranger":    {nil, []string{"/r/a/"}, false},
	} {
		if CanModerateFile(c.actor, c.paths) != c.want {
			t.Errorf("%s: %v", name, !c.want)
		}
	}
}
