// Package config reads the settings once, from the environment, and says everything that is wrong with them at once.
package config

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"
)

// Config is all settings, as values. docs and `zhibu doctor` name them with ZHIBU_ before them.
type Config struct {
	Listen        string
	AdminListen   string
	DataDir       string
	DatabaseURL   string
	Replica       string // a read replica of the database; empty for none
	RedisURL      string
	PublicURL     string
	Role          string // all, api, worker
	Demo          bool   // by the flag --demo, not by a variable
	Wechat        Wechat
	Tencent       Tencent
	SecretKey     string
	SecretKeyFile string
	Limits        bool
	ClockStart    time.Time     // zero: the real clock
	MaxUpload     int64         // bytes
	BlobURL       string        // where attachments are kept; empty: in the data directory
	Senders       int           // pushes in flight at once
	SendRate      int           // pushes a second of all processes together; 0: no limit
	Traces        string        // the collector of traces; empty: none
	TracePercent  int           // of the requests
	Drain         time.Duration // between the signal to stop and the end of taking new connections
	Proxies       []string      // whose word about a client's address is taken: addresses and networks
	Backup        Backup
}

// Backup is where backups go, when they are made by themselves, how many are kept, and with what they are encrypted.
type Backup struct {
	Dir  string
	At   string // "02:30" in China; empty: never by itself
	Keep int
	Key  string // empty: not encrypted
}

// WechatBaseURL is where WeChat itself is.
const WechatBaseURL = "https://api.weixin.qq.com"

// Wechat is what the two WeChat accounts and their templates need.
type Wechat struct {
	BaseURL           string
	MiniProgram       App
	Official          App
	Templates         map[string]Template
	OfficialTemplates map[string]Template
	VerifyFiles       map[string]string // small files by which WeChat proves that a domain is ours, and what is in them
}

// App is one WeChat account.
type App struct{ AppID, Secret, Token, AESKey string }

// Tencent is the account at Tencent Meeting by which rooms are booked; empty when links are put in by hand.
type Tencent struct{ BaseURL, AppID, SDKID, SecretID, SecretKey, UserID string }

// Template says which WeChat template serves a kind of notice, and which of its keys carries what.
type Template struct {
	ID     string            `json:"id"`
	Kind   string            `json:"kind"` // one_time or long_term
	Fields map[string]string `json:"fields"`
}

// WorkerRole and the others are the parts of the work a process takes.
const (
	RoleAll    = "all"
	RoleAPI    = "api"
	RoleWorker = "worker"
)

// Load reads the environment through getenv. The error names every faulty setting and how to mend it.
func Load(getenv func(string) string) (Config, error) {
	r := reader{getenv: getenv}
	c := Config{
		Listen:        r.text("LISTEN", "127.0.0.1:8080"),
		AdminListen:   r.text("ADMIN_LISTEN", "127.0.0.1:9090"),
		DataDir:       r.text("DATA_DIR", "./data"),
		DatabaseURL:   r.secret("DATABASE_URL"),
		Replica:       r.secret("DATABASE_REPLICA_URL"),
		RedisURL:      r.secret("REDIS_URL"),
		PublicURL:     strings.TrimRight(r.text("PUBLIC_URL", ""), "/"),
		Role:          r.oneOf("ROLE", RoleAll, RoleAPI, RoleWorker),
		SecretKey:     r.text("SECRET_KEY", ""),
		SecretKeyFile: r.text("SECRET_KEY_FILE", ""),
		Limits:        r.oneOf("LIMITS", "on", "off") == "on",
		ClockStart:    r.instant("CLOCK"),
		MaxUpload:     int64(r.number("MAX_UPLOAD_MB", 20, 1, 500)) << 20,
		BlobURL:       r.blob("BLOB_URL"),
		Senders:       r.number("PUSH_IN_FLIGHT", 200, 1, 2000),
		SendRate:      r.number("PUSH_RATE", 0, 0, 100_000),
		Traces:        strings.TrimRight(r.text("TRACES_URL", ""), "/"),
		TracePercent:  r.number("TRACES_PERCENT", 100, 1, 100),
		Drain:         time.Duration(r.number("DRAIN_SECONDS", 0, 0, 5)) * time.Second,
		Proxies:       r.networks("TRUSTED_PROXIES", "127.0.0.1", "::1"),
		Backup:        r.backup("BACKUP"),
	}
	c.Wechat = Wechat{
		BaseURL:           strings.TrimRight(r.text("WECHAT_BASE_URL", WechatBaseURL), "/"),
		MiniProgram:       r.app("WECHAT_MINIPROGRAM"),
		Official:          r.app("WECHAT_OFFICIAL"),
		Templates:         r.templates("WECHAT_TEMPLATES"),
		OfficialTemplates: r.templates("WECHAT_OFFICIAL_TEMPLATES"),
		VerifyFiles:       r.verifyFiles("WECHAT_VERIFY_FILES"),
	}
	c.Tencent = r.tencent("TENCENT_MEETING")
	r.check(c)
	return c, errors.Join(r.problems...)
}

type reader struct {
	getenv   func(string) string
	problems []error
}

func (r *reader) fault(name, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("ZHIBU_%s: %s", name, fmt.Sprintf(format, args...)))
}

func (r *reader) text(name, otherwise string) string {
	if v := strings.TrimSpace(r.getenv("ZHIBU_" + name)); v != "" {
		return v
	}
	return otherwise
}

// secret is a setting that may also stand in a file, named by the same setting with _FILE behind it, as containers hand out secrets.
func (r *reader) secret(name string) string {
	v, path := r.text(name, ""), r.text(name+"_FILE", "")
	switch {
	case path == "":
		return v
	case v != "":
		r.fault(name+"_FILE", "is set although %s is, too: keep one of them", "ZHIBU_"+name)
		return v
	}
	b, err := os.ReadFile(path)
	if err != nil {
		r.fault(name+"_FILE", "cannot be read: %v", err)
		return ""
	}
	if v = strings.TrimSpace(string(b)); v == "" {
		r.fault(name+"_FILE", "%s is empty", path)
	}
	return v
}

// networks is a list of addresses and networks, separated by commas.
func (r *reader) networks(name string, otherwise ...string) []string {
	v := r.text(name, "")
	if v == "" {
		return otherwise
	}
	var list []string
	for _, one := range strings.Split(v, ",") {
		one = strings.TrimSpace(one)
		if _, _, err := net.ParseCIDR(one); err != nil && net.ParseIP(one) == nil {
			r.fault(name, "%q is neither an address such as 10.0.0.2 nor a network such as 10.0.0.0/8", one)
			continue
		}
		list = append(list, one)
	}
	return list
}

// backup is what concerns backups. A nightly one without a folder, or without anything that keeps the eye of others off, is a mistake.
func (r *reader) backup(prefix string) Backup {
	b := Backup{Dir: r.text(prefix+"_DIR", ""), At: r.text(prefix+"_AT", ""), Keep: r.number(prefix+"_KEEP", 14, 1, 1000), Key: r.secret(prefix + "_KEY")}
	if _, err := time.Parse("15:04", b.At); b.At != "" && (err != nil || len(b.At) != 5) {
		r.fault(prefix+"_AT", "%q is not a time of day such as 02:30", b.At)
	}
	if b.At != "" && b.Dir == "" {
		r.fault(prefix+"_DIR", "is missing although %s_AT is set", "ZHIBU_"+prefix)
	}
	if b.Key != "" && len(b.Key) < 32 {
		r.fault(prefix+"_KEY", "must have at least 32 characters, for example from `openssl rand -base64 32`")
	}
	return b
}

func (r *reader) oneOf(name string, choices ...string) string {
	v := r.text(name, choices[0])
	for _, c := range choices {
		if v == c {
			return v
		}
	}
	r.fault(name, "%q is not one of %s", v, strings.Join(choices, ", "))
	return choices[0]
}

func (r *reader) number(name string, otherwise, least, most int) int {
	v := r.text(name, "")
	if v == "" {
		return otherwise
	}
	var n int
	if _, err := fmt.Sscanf(v, "%d", &n); err != nil || n < least || n > most || fmt.Sprint(n) != v {
		r.fault(name, "%q must be a whole number from %d to %d", v, least, most)
		return otherwise
	}
	return n
}

// verifyFile is a file's name with its content. Neither can be a page.
var verifyFile = regexp.MustCompile(`^([A-Za-z0-9_-]{1,64}\.txt)=([A-Za-z0-9_-]{1,128})$`)

// verifyFiles are MP_verify_….txt=content pairs, separated by commas.
func (r *reader) verifyFiles(name string) map[string]string {
	v := r.text(name, "")
	if v == "" {
		return nil
	}
	files := map[string]string{}
	for _, one := range strings.Split(v, ",") {
		m := verifyFile.FindStringSubmatch(strings.TrimSpace(one))
		if m == nil || m[1] == "robots.txt" {
			r.fault(name, "%q is not a file's name and its content, such as MP_verify_AbCd.txt=AbCd", one)
			continue
		}
		files[m[1]] = m[2]
	}
	return files
}

func (r *reader) instant(name string) time.Time {
	v := r.text(name, "")
	if v == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, v)
	if err != nil {
		r.fault(name, "%q is not an instant such as 2026-11-23T19:00:00+08:00", v)
	}
	return t
}

func (r *reader) app(prefix string) App {
	a := App{r.text(prefix+"_APPID", ""), r.secret(prefix + "_SECRET"), r.secret(prefix + "_TOKEN"), r.secret(prefix + "_AES_KEY")}
	if a.AppID != "" && a.Secret == "" {
		r.fault(prefix+"_SECRET", "is missing although %s_APPID is set", "ZHIBU_"+prefix)
	}
	if a.AESKey != "" {
		if _, err := base64.StdEncoding.DecodeString(a.AESKey + "="); err != nil || len(a.AESKey) != 43 {
			r.fault(prefix+"_AES_KEY", "must be the 43 letters and digits of WeChat's EncodingAESKey")
		}
		if a.Token == "" {
			r.fault(prefix+"_TOKEN", "is missing although the AES key is set")
		}
	}
	return a
}

// tencent is the account at Tencent Meeting: all of it or nothing.
func (r *reader) tencent(prefix string) Tencent {
	t := Tencent{
		BaseURL: strings.TrimRight(r.text(prefix+"_BASE_URL", "https://api.meeting.qq.com"), "/"), AppID: r.text(prefix+"_APPID", ""), SDKID: r.text(prefix+"_SDKID", ""),
		SecretID: r.text(prefix+"_SECRET_ID", ""), SecretKey: r.secret(prefix + "_SECRET_KEY"), UserID: r.text(prefix+"_USERID", ""),
	}
	if u, err := url.Parse(t.BaseURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		r.fault(prefix+"_BASE_URL", "%q must be an address such as https://api.meeting.qq.com", t.BaseURL)
	}
	given := t.AppID != "" || t.SDKID != "" || t.SecretID != "" || t.SecretKey != "" || t.UserID != ""
	for name, v := range map[string]string{"_APPID": t.AppID, "_SDKID": t.SDKID, "_SECRET_ID": t.SecretID, "_SECRET_KEY": t.SecretKey, "_USERID": t.UserID} {
		if given && v == "" {
			r.fault(prefix+name, "is missing although other settings of Tencent Meeting are set")
		}
	}
	return t
}

// blob is the address of a store of attachments; it holds a secret, so the fault never repeats it.
func (r *reader) blob(name string) string {
	v := r.secret(name)
	if v == "" {
		return ""
	}
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User == nil || u.User.Username() == "" || strings.Trim(u.Path, "/") == "" {
		r.fault(name, "must look like s3://key:secret@endpoint/bucket?region=…&tls=on, with the secret percent-encoded, or be empty for a folder of the data directory")
		return ""
	}
	if _, ok := u.User.Password(); !ok {
		r.fault(name, "has no secret after the key: s3://key:secret@endpoint/bucket")
	}
	return v
}

func (r *reader) templates(name string) map[string]Template {
	v := r.secret(name)
	if v == "" {
		return nil
	}
	m := map[string]Template{}
	if err := json.Unmarshal([]byte(v), &m); err != nil {
		r.fault(name, "is not JSON of the form {\"meeting\":{\"id\":\"…\",\"kind\":\"one_time\",\"fields\":{\"topic\":\"thing1\"}}}: %v", err)
		return nil
	}
	for kind, t := range m {
		switch {
		case t.ID == "":
			r.fault(name, "%s has no id", kind)
		case t.Kind != "" && t.Kind != "one_time" && t.Kind != "long_term":
			r.fault(name, "%s has the kind %q, which must be one_time or long_term", kind, t.Kind)
		case len(t.Fields) == 0:
			r.fault(name, "%s has no fields", kind)
		}
		if t.Kind == "" {
			t.Kind = "one_time"
			m[kind] = t
		}
	}
	return m
}

func (r *reader) check(c Config) {
	for name, addr := range map[string]string{"LISTEN": c.Listen, "ADMIN_LISTEN": c.AdminListen} {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			r.fault(name, "%q must be an address such as 127.0.0.1:8080", addr)
		}
	}
	for name, v := range map[string]string{"PUBLIC_URL": c.PublicURL, "TRACES_URL": c.Traces, "WECHAT_BASE_URL": c.Wechat.BaseURL} {
		if v == "" {
			continue
		}
		if u, err := url.Parse(v); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			r.fault(name, "%q must be an address such as https://example.org", v)
		}
	}
	if c.SecretKey != "" && len(c.SecretKey) < 32 {
		r.fault("SECRET_KEY", "must have at least 32 characters, for example from `openssl rand -base64 32`")
	}
	if d := c.DatabaseURL; d != "" && d != "sqlite" && !strings.HasPrefix(d, "sqlite://") && !strings.HasPrefix(d, "mysql://") {
		r.fault("DATABASE_URL", "must be sqlite or mysql://user:password@host:3306/zhibu")
	}
	switch {
	case c.Replica == "":
	case !strings.HasPrefix(c.Replica, "mysql://"):
		r.fault("DATABASE_REPLICA_URL", "must be mysql://user:password@host:3306/zhibu, or empty for none")
	case !strings.HasPrefix(c.DatabaseURL, "mysql://"):
		r.fault("DATABASE_REPLICA_URL", "needs ZHIBU_DATABASE_URL to be mysql://…: the embedded database has no replicas")
	}
}

// Loopback reports whether the listen address can be reached from this machine alone.
func Loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
