package main

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// secretShapes are what may stand in no file that is kept: what opens a door somewhere.
var secretShapes = []struct {
	what  string
	shape *regexp.Regexp
}{
	{"a private key", regexp.MustCompile(`-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----\s+[A-Za-z0-9+/=\s]{60,}`)},
	{"a key of a cloud", regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAKID[A-Za-z0-9]{32}\b|\bLTAI[A-Za-z0-9]{12,20}\b`)},
	{"a token of a code host or a registry", regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,}|glpat-[A-Za-z0-9_-]{20}|npm_[A-Za-z0-9]{36}|xox[abprs]-[A-Za-z0-9-]{20,})\b`)},
	{"a token of WeChat", regexp.MustCompile(`\b[1-9][0-9]{0,2}_[A-Za-z0-9_-]{100,}`)},
	{"a signed token", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}\b`)},
	{"a password in an address", regexp.MustCompile(`\b(?:mysql|redis|rediss|s3|https?)://[^\s:/@"'<>$%{}…]+:([^\s:/@"'<>$%{}…]{8,})@[a-z0-9]`)},
}

// appSecret is the shape of WeChat's AppSecrets, EncodingAESKeys and keys of our own, where a name says that it is one.
var appSecret = regexp.MustCompile(`(?i)(?:secret|aes_?key|api_?key|access_?key|token|password|passwd)[A-Za-z_]*["'` + "`" + `]?\s*(?:=|:=|:|,)\s*["'` + "`" + `]?([A-Za-z0-9+/_-]{32,64})\b`)

// invented are the values of the tests and of the demonstration that look real.
var invented = regexp.MustCompile(`^(?:wxtest|0123456789abcdef|abcdefghijklmnopqrstuvwxyz|openid|template)|(?:EXAMPLE|example|DEMO|demo|0000000000|1111111111)`)

// secretsIn names what in a text looks like a secret.
func secretsIn(text []byte) (found []string) {
	for _, s := range secretShapes {
		for _, m := range s.shape.FindAllSubmatch(text, -1) {
			if len(m) > 1 && plainWord(string(m[1])) {
				continue
			}
			found = append(found, s.what)
		}
	}
	for _, m := range appSecret.FindAllSubmatch(text, -1) {
		if v := string(m[1]); !invented.MatchString(v) && scattered(v) {
			found = append(found, "a secret beside its name")
		}
	}
	return found
}

// plainWord reports whether a password is one of an example: made of letters alone, such as password or 密码.
func plainWord(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= '0' && r <= '9' }) < 0 || strings.Contains(strings.ToLower(s), "pass") || strings.Contains(s, "test")
}

// scattered reports whether a value is as disordered as random ones are: digits among letters, and few of them twice.
func scattered(s string) bool {
	counts := map[rune]int{}
	digits := 0
	for _, r := range s {
		counts[r]++
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	bits := 0.0
	for _, n := range counts {
		share := float64(n) / float64(len(s))
		bits -= share * math.Log2(share)
	}
	return digits >= 3 && bits > 3.2
}

// TestSecretsAreInNoFile looks through every file that is kept for what opens a door: a key that was once pushed is known for good.
func TestSecretsAreInNoFile(t *testing.T) {
	listed, err := exec.CommandContext(t.Context(), "git", "ls-files", "-z").Output()
	var names []string
	if err == nil {
		names = strings.Split(strings.Trim(string(listed), "\x00"), "\x00")
	} else { // no checkout but a copy of its files
		err = filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
			if err == nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || path == "data") {
				return filepath.SkipDir
			}
			if err == nil && !d.IsDir() {
				names = append(names, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	looked := 0
	for _, name := range names {
		base := filepath.Base(name)
		if base == "go.sum" || base == "package-lock.json" || strings.Contains(name, "/dist/assets/") { // digests, and what is built from sources that are looked at
			continue
		}
		for _, end := range []string{".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", "id_rsa", "id_ed25519", ".env"} {
			if strings.HasSuffix(base, end) {
				t.Errorf("%s: a file of this name holds secrets, and is not to be kept", name)
			}
		}
		text, err := os.ReadFile(name)
		if err != nil || bytes.IndexByte(text[:min(len(text), 8000)], 0) >= 0 { // removed but not yet committed, or no text
			continue
		}
		looked++
		for _, what := range secretsIn(text) {
			t.Errorf("%s holds %s", name, what)
		}
	}
	if looked < 300 {
		t.Errorf("only %d files were looked at", looked)
	}
}

// TestSecretsAreSeen plants secrets, and what only looks like them. The planted ones are put together here, so that this file holds none.
func TestSecretsAreSeen(t *testing.T) {
	t.Parallel()
	hex := "9f8e1c07" + "ab34d2e6" + "51709cde" + "f3a8b264"
	for what, text := range map[string]string{
		"AppSecret in Go":   `WechatSecret: "` + hex + `",`,
		"AppSecret in YAML": "ZHIBU_WECHAT_MINIPROGRAM_SECRET: " + hex,
		"AppSecret in env":  "ZHIBU_WECHAT_OFFICIAL_SECRET=" + hex,
		"AES key":           `"AES_KEY": "` + "q7Zr2LmX9vT4bN8wKc1Y" + "h5Jd3Gf6Sa0PeUoRiQtWxVz" + `"`,
		"private key":       "-----BEGIN " + "RSA PRIVATE KEY-----\n" + strings.Repeat("MIIEowIBAAKCAQEA", 8) + "\n",
		"cloud":             "AKID" + "z8krbsJ5yKBZQpn74WFkmLPx3EXAM" + "PLE",
		"code host":         "gh" + "p_" + "16C7e42F292c6912E7710c838347Ae178B4a",
		"address":           "mysql://zhibu:" + "k3yB0ard2026" + "@10.0.0.3:3306/zhibu",
	} {
		if len(secretsIn([]byte(text))) == 0 {
			t.Errorf("%s: not seen: %q", what, text)
		}
	}
	for _, text := range []string{
		`"SECRET_KEY": "the secret key of the stories, long enough"`, "mysql://user:password@host:3306/zhibu", "redis://[用户:密码@]主机:端口", `token := r.visit(openID).text("access_token")`,
		"-----BEGIN PRIVATE KEY-----", `testAESKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"`, "postPasswordSecondFactorChallengeAnswerWithTheirNames",
	} {
		if found := secretsIn([]byte(text)); len(found) > 0 {
			t.Errorf("%q is taken for %v", text, found)
		}
	}
}
