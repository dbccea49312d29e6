package main

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"zhibu/service/wechat"
)

// figures are what /metrics tells of the house behind the door: database, WeChat, jobs, backups. They are read when somebody asks.
type figures struct {
	house *house
	desc  map[string]*prometheus.Desc

	mu     sync.Mutex
	quota  wechat.Quota // of sending, as WeChat last told it
	asked  time.Time
	quotas bool // it has ever told
}

// How long a look may take, and how old what WeChat said of our quota may be: asking costs a call.
const (
	figuresPatience = 2 * time.Second
	quotaAge        = 10 * time.Minute
)

func newFigures(h *house) *figures {
	f := &figures{house: h, desc: map[string]*prometheus.Desc{}}
	for _, d := range []struct {
		name, help string
		labels     []string
	}{
		{"build_info", "Always 1; the labels say what runs.", []string{"version", "role", "database"}},
		{"ready", "1 while the program has what serving needs, by what it is.", []string{"check"}},
		{"database_connections", "Connections to the database by what they do.", []string{"pool", "state"}},
		{"database_connections_max", "How many connections there may be.", []string{"pool"}},
		{"database_waits_total", "How often somebody had to wait for a connection.", []string{"pool"}},
		{"database_wait_seconds_total", "How long all have waited for connections together.", []string{"pool"}},
		{"wechat_calls_total", "Calls to WeChat by how they ended; a good one has errcode 0 and no class.", []string{"api", "errcode", "class"}},
		{"wechat_call_seconds_total", "How long the calls to WeChat took together.", []string{"api", "errcode", "class"}},
		{"wechat_quota_limit", "How many messages WeChat lets us send a day.", nil},
		{"wechat_quota_left", "How many of them are left today.", nil},
		{"job_runs_total", "Turns of the background jobs of this process.", []string{"task", "outcome"}},
		{"job_last_done_timestamp_seconds", "When a job of this process last did its work.", []string{"task"}},
		{"backup_last_timestamp_seconds", "When the newest backup in ZHIBU_BACKUP_DIR was made; 0: there is none.", nil},
	} {
		f.desc[d.name] = prometheus.NewDesc("zhibu_"+d.name, d.help, d.labels, nil)
	}
	return f
}

// Describe names the figures.
func (f *figures) Describe(to chan<- *prometheus.Desc) {
	for _, d := range f.desc {
		to <- d
	}
}

// Collect reads them.
func (f *figures) Collect(to chan<- prometheus.Metric) {
	say := func(name string, kind prometheus.ValueType, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(f.desc[name], kind, v, labels...)
	}
	h := f.house
	ctx, cancel := context.WithTimeout(context.Background(), figuresPatience)
	defer cancel()
	say("build_info", prometheus.GaugeValue, 1, version, h.cfg.Role, h.store.Dialect())
	for check, err := range h.ready(ctx) {
		say("ready", prometheus.GaugeValue, oneIf(err == nil), check)
	}
	for pool, s := range h.store.Pools() {
		say("database_connections", prometheus.GaugeValue, float64(s.InUse), pool, "in_use")
		say("database_connections", prometheus.GaugeValue, float64(s.Idle), pool, "idle")
		say("database_connections_max", prometheus.GaugeValue, float64(s.MaxOpenConnections), pool)
		say("database_waits_total", prometheus.CounterValue, float64(s.WaitCount), pool)
		say("database_wait_seconds_total", prometheus.CounterValue, s.WaitDuration.Seconds(), pool)
	}
	for c, n := range h.door.Calls() {
		labels := []string{c.API, strconv.Itoa(c.ErrCode), string(c.Class)}
		say("wechat_calls_total", prometheus.CounterValue, float64(n.Count), labels...)
		say("wechat_call_seconds_total", prometheus.CounterValue, n.Took.Seconds(), labels...)
	}
	if q, ok := f.sendQuota(ctx); ok {
		say("wechat_quota_limit", prometheus.GaugeValue, float64(q.DailyLimit))
		say("wechat_quota_left", prometheus.GaugeValue, float64(q.Remain))
	}
	for name, j := range h.jobs.Figures() {
		say("job_runs_total", prometheus.CounterValue, float64(j.Done), name, "done")
		say("job_runs_total", prometheus.CounterValue, float64(j.Failed), name, "failed")
		if !j.LastDone.IsZero() {
			say("job_last_done_timestamp_seconds", prometheus.GaugeValue, float64(j.LastDone.Unix()), name)
		}
	}
	if dir := h.cfg.Backup.Dir; dir != "" {
		newest := 0.0
		if list, err := backupsIn(dir); err == nil && len(list) > 0 {
			newest = float64(list[0].made.Unix())
		}
		say("backup_last_timestamp_seconds", prometheus.GaugeValue, newest)
	}
}

// sendQuota is what WeChat last said of our day's messages. A process that does not send does not ask, and a failure is not asked again at once.
func (f *figures) sendQuota(ctx context.Context) (wechat.Quota, bool) {
	cfg := f.house.cfg
	if cfg.Role == "api" || cfg.Wechat.MiniProgram.AppID == "" {
		return wechat.Quota{}, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := f.house.clock(); f.asked.IsZero() || now.Sub(f.asked) >= quotaAge {
		f.asked = now
		if q, err := f.house.door.Quota(ctx, wechat.APISubscribeSend); err == nil {
			f.quota, f.quotas = q, true
		}
	}
	return f.quota, f.quotas
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
