package main

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fetched are the ways in which a page, a style or a script makes a browser fetch something: attributes, url() and @import, and calls with an
// address. What is only text, such as a name space or a link that somebody may follow, is not fetched.
var fetched = []*regexp.Regexp{
	regexp.MustCompile(`(?i)<(?:script|img|iframe|source|video|audio|embed|use|image)\b[^>]*?\b(?:src|srcset|href|data|poster)\s*=\s*["']?([^"'\s>]+)`),
	regexp.MustCompile(`(?i)<link\b[^>]*?\bhref\s*=\s*["']?([^"'\s>]+)`),
	regexp.MustCompile(`(?i)\burl\(\s*["']?([^"')\s]+)`),
	regexp.MustCompile(`(?i)@import\s+["']([^"']+)`),
	regexp.MustCompile("\\b(?:fetch|import|importScripts|EventSource|WebSocket|Worker|sendBeacon)\\(\\s*[\"'`]([^\"'`]+)"),
	regexp.MustCompile(`\.open\(\s*["'](?:GET|POST)["']\s*,\s*["']([^"']+)`),
	regexp.MustCompile(`\bfrom\s*["'](https?:[^"']+)["']`),
	regexp.MustCompile(`sourceMappingURL=(\S+)`),
}

// TestDocsNeedNoOtherAddress walks from the page of the reference over all that it fetches.
func TestDocsNeedNoOtherAddress(t *testing.T) {
	p := boot(t, "", nil)
	seen, queue := map[string]bool{}, []string{"/docs"}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		got := p.must(200, "GET", path, "", nil)
		policy := got.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'self'") || strings.Contains(policy, "http") || strings.Contains(policy, "*") || strings.Contains(policy, "'unsafe-eval'") ||
			regexp.MustCompile(`script-src[^;]*'unsafe-inline'`).MatchString(policy) {
			t.Errorf("%s: the policy %q lets the page fetch or run what is not ours", path, policy)
		}
		base, err := url.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, pattern := range fetched {
			for _, m := range pattern.FindAllStringSubmatch(string(got.raw), -1) {
				if strings.HasPrefix(m[1], "data:") || strings.HasPrefix(m[1], "#") || strings.HasPrefix(m[1], "%23") {
					continue
				}
				to, err := base.Parse(m[1])
				switch {
				case err != nil || to.Host != "" || to.Scheme != "":
					t.Errorf("%s fetches %q, which is not here", path, m[1])
				case !strings.HasSuffix(path, ".js"): // of a packed script only addresses elsewhere can be told from other words
					queue = append(queue, to.Path)
				}
			}
		}
	}
	for _, path := range []string{"/docs/page.js", "/docs/page.css", "/docs/swagger-ui.js", "/docs/swagger-ui.css"} {
		if !seen[path] {
			t.Errorf("the page does not lead to %s: %v", path, seen)
		}
	}
	page := string(p.must(200, "GET", "/docs", "", nil).raw)
	if !strings.Contains(page, `lang="zh`) || !strings.Contains(page, "viewport") {
		t.Errorf("the page says neither its language nor that it fits a phone: %s", page)
	}
}

// TestDocsFinderSeesAddresses makes sure that the walk above would find something.
func TestDocsFinderSeesAddresses(t *testing.T) {
	for _, text := range []string{
		`<script defer src="https://cdn.example.org/x.js">`, `<link rel=stylesheet href='//cdn.example.org/x.css'>`, `a{background:url(https://example.org/a.png)}`,
		`@import "https://example.org/a.css";`, `fetch("https://example.org")`, "import('https://example.org/m.js')", `import x from "https://example.org/m.js"`,
		`r.open("GET","https://example.org")`, `<img alt="" src=https://example.org/a.png>`,
	} {
		if !slices.ContainsFunc(fetched, func(p *regexp.Regexp) bool {
			m := p.FindStringSubmatch(text)
			return m != nil && strings.Contains(m[1], "example.org")
		}) {
			t.Errorf("%s is not seen", text)
		}
	}
}
