package content

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"zhibu/model"
)

// Known tricks, none of which may leave anything that runs, loads or leads where it must not.
var tricks = []string{
	`<p>字<img src="data:image/png;base64,QUJD"><img src="data:image/svg+xml;base64,QUJD" onerror=x></p>`,
	`<script>alert(1)</script>`, `<SCRIPT SRC=//evil.example/x.js></SCRIPT>`, `<scr<script>ipt>alert(1)</scr</script>ipt>`,
	`<img src=x onerror=alert(1)>`, `<img src="/files/a" onload="alert(1)">`, `<img/onerror=alert(1) src=https://a.example/x>`, "<img src=`javascript:alert(1)`>",
	`<img src="javascript:alert(1)">`, `<img src="data:image/svg+xml;base64,PHN2Zy8+">`, `<img src="data:image/png;base64,AAAA">`, `<img src=//evil.example/x.png>`,
	`<img src="/files/../api/v1/auth/logout">`, `<img src="http://evil.example/pixel.gif">`, `<img srcset="https://evil.example/a 2x">`, `<img src="//#">`, `<img src="https://a@">`, `<a href="http://?x">x</a>`, `<img src="\\evil.example\a.png">`,
	`<a href="javascript:alert(1)">x</a>`, `<a href="jav&#x09;ascript:alert(1)">x</a>`, `<a href=" &#14; javascript:alert(1)">x</a>`, `<a href="JaVaScRiPt:alert(1)">x</a>`,
	`<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>`, `<a href="vbscript:x">x</a>`, `<a href="//evil.example">x</a>`, `<a href="file:///etc/passwd">x</a>`, `<a href="/api/v1/me">x</a>`,
	`<svg onload=alert(1)><script>alert(1)</script></svg>`, `<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>`, `<math href="javascript:alert(1)">x</math>`,
	`<iframe src="https://evil.example"></iframe>`, `<iframe srcdoc="<script>alert(1)</script>"></iframe>`, `<object data="x.swf"></object>`, `<embed src="x.swf">`, `<frameset><frame src=x></frameset>`,
	`<style>body{background:url(javascript:alert(1))}</style>`, `<p style="background:url(https://evil.example)">x</p>`, `<link rel=stylesheet href=//evil.example/x.css>`, `<base href="//evil.example">`,
	`<meta http-equiv=refresh content="0;url=//evil.example">`, `<form action="//evil.example"><input name=a><button>x</button></form>`, `<textarea></textarea><script>alert(1)</script>`,
	`<video src=x onerror=alert(1)>`, `<audio src=x onerror=alert(1)>`, `<details open ontoggle=alert(1)>x</details>`, `<body onload=alert(1)>`, `<marquee onstart=alert(1)>x</marquee>`,
	`<p id="me" class="x" data-x="y" onclick="alert(1)">x</p>`, `<!--[if IE]><script>alert(1)</script><![endif]-->`, `<![CDATA[<script>alert(1)</script>]]>`, `<?php echo 1 ?>`,
	`<template><script>alert(1)</script></template>`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<title></title><script>alert(1)</script>`,
	"<a href=\"java\x00script:alert(1)\">x</a>", "<\x00script>alert(1)</script>", `<table background="javascript:alert(1)"><td background="x">y</table>`, `<xss onfocus=alert(1) autofocus tabindex=1>x</xss>`,
	`[x](javascript:alert(1))`, `[x](<javascript:alert(1)>)`, `![x](javascript:alert(1))`, `<javascript:alert(1)>`, "[x]: javascript:alert(1)\n\n[x]", `![x"onerror="alert(1)](https://a.example/b)`,
	"```html\n<script>alert(1)</script>\n```", `&lt;script&gt;alert(1)&lt;/script&gt;`, `<a href="https://a.example/?x=<script>">x</a>`, `<a href='https://a.example/"onmouseover="alert(1)'>x</a>`,
	`<o:p>x</o:p><w:WordDocument><w:View>Normal</w:View></w:WordDocument>`, `<section><mp-common-profile data-id="x"></mp-common-profile><p>公众号</p></section>`,
}

func TestTricksLeaveNothing(t *testing.T) {
	m := newMarkup()
	for _, trick := range tricks {
		fromMarkdown, err := m.fromMarkdown(trick)
		if err != nil {
			t.Fatalf("%q: %v", trick, err)
		}
		for _, out := range []string{m.fromHTML(trick).html, fromMarkdown.html} {
			if fault := faultOf(out); fault != "" {
				t.Errorf("%q leaves %s: %s", trick, fault, out)
			}
		}
	}
}

// faultOf parses what is to be shown as a browser would, and names the first thing that must not be there.
func faultOf(out string) string {
	root, err := html.Parse(strings.NewReader(out))
	if err != nil {
		return "what cannot be parsed"
	}
	allowed := " html head body p div section article br hr h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre code strong b em i u s del ins mark sub sup small" +
		" figure figcaption table caption thead tbody tfoot tr th td a img "
	var walk func(n *html.Node) string
	walk = func(n *html.Node) string {
		switch n.Type {
		case html.CommentNode:
			return "a comment"
		case html.ElementNode:
			if !strings.Contains(allowed, " "+n.Data+" ") {
				return "<" + n.Data + ">"
			}
			if n.Namespace != "" {
				return "foreign content"
			}
			for _, a := range n.Attr {
				if fault := faultOfAttr(n.Data, a); fault != "" {
					return fault
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if fault := walk(c); fault != "" {
				return fault
			}
		}
		return ""
	}
	return walk(root)
}

func faultOfAttr(element string, a html.Attribute) string {
	named := element + " " + a.Key
	if !strings.Contains("|a href|a rel|a target|img src|img alt|img title|img width|img height|ol start|td colspan|td rowspan|th colspan|th rowspan|", "|"+named+"|") {
		return "the attribute " + named
	}
	if a.Key != "href" && a.Key != "src" {
		return ""
	}
	u, err := url.Parse(a.Val)
	switch {
	case err != nil:
		return "an address that cannot be parsed"
	case u.Scheme == "" && u.Host == "" && ownAddress.FindString(a.Val) == a.Val:
		return ""
	case u.Scheme == "https" && u.Host != "", element == "a" && (u.Scheme == "http" && u.Host != "" || u.Scheme == "mailto"):
		return ""
	}
	return "the address " + a.Val
}

func TestStructureStays(t *testing.T) {
	m := newMarkup()
	for _, c := range []struct{ in, want string }{
		{`<h2 style="color:red">一</h2><p class=MsoNormal><b>粗</b><span lang=EN-US>x</span></p>`, `<h2>一</h2><p><b>粗</b>x</p>`},
		{`<ol start="3"><li>三</li></ol>`, `<ol start="3"><li>三</li></ol>`},
		{`<table border=1><tr><td colspan="2" width=300>格</td></tr></table>`, `<table><tbody><tr><td colspan="2">格</td></tr></tbody></table>`},
		{`<img src="https://a.example/b.png?x=1&amp;y=2" alt="图" width="300" class=x>`, `<img src="https://a.example/b.png?x=1&amp;y=2" alt="图" width="300">`},
		{`<img src="/files/0191-ab/%E5%9B%BE.png?e=1&amp;s=x">`, `<img src="/files/0191-ab">`},
		{`<img src="https://zhibu.example/files/0191-ab/a.png?e=1&amp;s=x">`, `<img src="/files/0191-ab">`},
		{`<img src="https://other.example/files/0191-ab/a.png">`, `<img src="https://other.example/files/0191-ab/a.png">`},
		{`<a href="https://a.example/">链接</a>`, `<a href="https://a.example/" rel="nofollow noopener" target="_blank">链接</a>`},
		{`<a href="mailto:a@b.example">信</a>`, `<a href="mailto:a@b.example" rel="nofollow">信</a>`},
		{`<a href="/files/x1/报告.pdf">文件</a>`, `<a href="/files/x1" rel="nofollow">文件</a>`},
		{`<p>前<img alt="没有地址">后</p>`, `<p>前后</p>`},
	} {
		if got := m.fromHTML(c.in).html; got != c.want {
			t.Errorf("%s\n gives %s\n want  %s", c.in, got, c.want)
		}
	}
	got, err := m.fromMarkdown("# 题\n\n- 一\n- 二\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n\n见 https://a.example/b 。![图](/files/p1)\n\n<u>下划</u>")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<h1>题</h1>", "<li>一</li>", "<td>2</td>", `<a href="https://a.example/b"`, `<img src="/files/p1" alt="图">`, "<u>下划</u>"} {
		if !strings.Contains(got.html, want) {
			t.Errorf("no %s in %s", want, got.html)
		}
	}
	if want := "题\n一\n二\n甲 乙\n1 2\n见 https://a.example/b 。\n下划"; got.plain != want {
		t.Errorf("plain text %q, want %q", got.plain, want)
	}
	if len(got.files) != 1 || got.files[0] != "p1" {
		t.Errorf("files %v", got.files)
	}
}

// Markdown that takes renderers for ever is refused, or read in no time.
func TestTangledMarkdown(t *testing.T) {
	m := newMarkup()
	for name, source := range map[string]string{
		"too long": strings.Repeat("字", maxMarkdown+1),
		"quotes":   strings.Repeat(">", 40_000),
		"table":    "|" + strings.Repeat("a|", 9000) + "\n|" + strings.Repeat("-|", 9000) + "\n" + strings.Repeat("|\n", 4000),
	} {
		if _, err := m.fromMarkdown(source); model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A long table of an honest article passes.
	if _, err := m.fromMarkdown("| 姓名 | 单位 | 备注 |\n|---|---|---|\n" + strings.Repeat("| 张 | 医院 | 无 |\n", 500)); err != nil {
		t.Error(err)
	}
}

func FuzzMarkup(f *testing.F) {
	for _, s := range tricks {
		f.Add(s)
	}
	m := newMarkup()
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 5000 {
			return
		}
		outs := []text{m.fromHTML(source)}
		if md, err := m.fromMarkdown(source); err == nil {
			outs = append(outs, md)
		}
		for _, out := range outs {
			if fault := faultOf(out.html); fault != "" {
				t.Fatalf("%q leaves %s: %s", source, fault, out.html)
			}
			again := m.fromHTML(out.html)
			if again.plain != out.plain {
				t.Fatalf("%q: cleaned twice says %q, once %q", source, again.plain, out.plain)
			}
		}
	})
}
