package content

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What Word and 公众号 pages put on the clipboard arrives as plain structure.
func TestPastesArriveClean(t *testing.T) {
	m := newMarkup()
	for name, want := range map[string]struct {
		remote []string
		lost   int
	}{
		"word":   {lost: 1},
		"wechat": {remote: []string{"https://mmbiz.qpic.cn/mmbiz_jpg/9aXkLq0pQ3TibicWHuiaKfuL/640?from=appmsg&wx_fmt=jpeg", "https://mmbiz.qpic.cn/mmbiz_png/AbCdEfG/640?wx_fmt=png"}},
	} {
		source, err := os.ReadFile(filepath.Join("testdata", "paste", name+".in.html"))
		if err != nil {
			t.Fatal(err)
		}
		out := m.fromHTML(string(source))
		got := strings.NewReplacer("</p>", "</p>\n", "</li>", "</li>\n", "</tr>", "</tr>\n", "</h1>", "</h1>\n", "</h2>", "</h2>\n", "</h3>", "</h3>\n", "</blockquote>", "</blockquote>\n").
			Replace(out.html) + "\n---\n" + out.plain + "\n"
		golden := filepath.Join("testdata", "paste", name+".want.txt")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		kept, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(kept) {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, kept)
		}
		wantList(t, name+": pictures of other servers", out.remote, want.remote...)
		if out.lost.local != want.lost {
			t.Errorf("%s: %d pictures lost, want %d", name, out.lost.local, want.lost)
		}
		for _, sign := range []string{"mso", "style", "data-", "o:p", "<span", "class", "隐藏"} {
			if strings.Contains(out.html, sign) {
				t.Errorf("%s: %q is left", name, sign)
			}
		}
		if again := m.fromHTML(out.html); again.html != out.html {
			t.Errorf("%s: cleaned twice:\n%s\nonce\n%s", name, again.html, out.html)
		}
	}
}

func TestPastedStructure(t *testing.T) {
	m := newMarkup()
	list := func(level, marker, text string) string {
		return `<p style="mso-list:l0 level` + level + ` lfo1"><span><span style="mso-list:Ignore">` + marker + `<span>&nbsp; </span></span></span>` + text + `</p>`
	}
	for _, c := range []struct{ in, want string }{
		{list("1", "·", "甲") + "\n" + list("1", "·", "乙"), "<ul><li>甲</li><li>乙</li></ul>"},
		{list("1", "o", "甲") + list("2", "a)", "乙") + list("1", "o", "丙"), "<ul><li>甲<ol><li>乙</li></ol></li><li>丙</li></ul>"},
		{list("1", "3.", "甲") + "<p>中</p>" + list("1", "（一）", "乙"), `<ol start="3"><li>甲</li></ol><p>中</p><ol><li>乙</li></ol>`},
		{list("2", "1.", "甲") + list("1", "1.", "乙"), "<ol><li>甲</li></ol><ol><li>乙</li></ol>"},
		{`<div>前<p>中</p>后<b>粗</b></div>`, "<p>前</p><p>中</p><p>后<b>粗</b></p>"},
		{`<div><div><div>深</div></div></div>`, "<p>深</p>"},
		{`<p>&nbsp;</p><p>　　缩进</p><p><br></p><p><span></span></p>`, "<p>缩进</p>"},
		{`<p>一<br><br><br>二<br></p>`, "<p>一<br>二</p>"},
		{"<p>党\n员 and\nDoctor，\n好</p>", "<p>党员 and Doctor，好</p>"},
		{"<pre>a\n  b</pre>", "<pre>a\n  b</pre>"},
		{`<p style="mso-outline-level:2">题</p>`, "<h2>题</h2>"},
		{`<b style="font-weight:normal"><p>谷歌文档</p></b>`, "<p>谷歌文档</p>"},
		{`<td>散</td>`, "散"},
		{`<ul><li><p>一</p></li><li><p>二</p><p>三</p></li></ul>`, "<ul><li>一</li><li><p>二</p><p>三</p></li></ul>"},
		{`<p><img data-src="//img.example/a.png" src="data:image/gif;base64,R0"></p>`, `<p><img src="https://img.example/a.png"></p>`},
		{`<p><img src="blob:https://x/1"><img src="x.png"></p>`, ""},
	} {
		got := m.fromHTML(c.in).html
		if got != c.want {
			t.Errorf("%s\n gives %s\n want  %s", c.in, got, c.want)
		}
	}
}
