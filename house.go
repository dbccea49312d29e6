package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"zhibu/api"
	"zhibu/config"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/action"
	"zhibu/service/annual"
	"zhibu/service/audit"
	"zhibu/service/ballot"
	"zhibu/service/blob"
	"zhibu/service/cache"
	"zhibu/service/comment"
	"zhibu/service/content"
	"zhibu/service/draftbox"
	"zhibu/service/fetch"
	"zhibu/service/handover"
	"zhibu/service/job"
	"zhibu/service/meeting"
	"zhibu/service/member"
	"zhibu/service/minutes"
	"zhibu/service/official"
	"zhibu/service/policy"
	"zhibu/service/privacy"
	"zhibu/service/push"
	"zhibu/service/reminder"
	"zhibu/service/setting"
	"zhibu/service/signin"
	"zhibu/service/suggestion"
	"zhibu/service/supervision"
	"zhibu/service/trace"
	"zhibu/service/upload"
	"zhibu/service/vault"
	"zhibu/service/wechat"
	"zhibu/service/workrecord"
	"zhibu/site"
	"zhibu/web"
)

// house is every room, plugged together. Rooms never import each other: what one needs of another is an interface of its own, filled here.
type house struct {
	cfg   config.Config
	log   *slog.Logger
	clock model.Clock
	store *store.Store
	vault *vault.Vault
	cache *cache.Set
	door  *wechat.Door

	traces *trace.Tracer // nil without a collector
	tracer model.Tracer  // the same, for those who are told of what takes how long

	files blob.Store
	fetch *fetch.Fetcher
	owner string // names this process among the replicas

	signin     *signin.Service
	member     *member.Service
	content    *content.Service
	comment    *comment.Service
	upload     *upload.Service
	draftbox   *draftbox.Service
	suggestion *suggestion.Service
	meeting    *meeting.Service
	ballot     *ballot.Service
	minutes    *minutes.Service
	action     *action.Service
	push       *push.Service
	reminder   *reminder.Service
	setting    *setting.Service
	policy     *policy.Service
	radar      *supervision.Service
	handover   *handover.Service
	annual     *annual.Service
	workrecord *workrecord.Service
	audit      *audit.Service
	privacy    *privacy.Service
	official   *official.Service

	api  *api.API
	jobs *job.Runner
}

// spool is the folder of the data directory where uploads stand while they come in: a container may have no other that can be written.
const spool = "spool"

// auditAnchors is the file of the data directory with the ends of the audit's chain that this process has seen.
const auditAnchors = "audit.anchors"

// newClock is the program's clock: the real one, or one that started at the instant of the settings and runs on. UTC, to the millisecond, as the database keeps it.
func newClock(start time.Time) model.Clock {
	began := time.Now()
	return func() time.Time {
		now := time.Now()
		if !start.IsZero() {
			now = start.Add(now.Sub(began))
		}
		return now.UTC().Truncate(time.Millisecond)
	}
}

// openStore opens and migrates the database, for every command that needs it.
func openStore(ctx context.Context, cfg config.Config, clock model.Clock) (*store.Store, error) {
	s, err := store.Open(ctx, cfg.DatabaseURL, cfg.DataDir, clock)
	if err != nil {
		return nil, err
	}
	if err := s.Migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if cfg.Replica != "" {
		if err := s.ReadFrom(cfg.Replica); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// build opens everything below and plugs the rooms together. Nothing runs yet.
func build(ctx context.Context, cfg config.Config, clock model.Clock, log *slog.Logger) (_ *house, err error) {
	h := &house{cfg: cfg, log: log, clock: clock}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	secret, err := cfg.Secret()
	if err != nil {
		return nil, err
	}
	if h.vault, err = vault.New(secret); err != nil {
		return nil, err
	}
	if h.store, err = openStore(ctx, cfg, clock); err != nil {
		return nil, err
	}
	h.store.SignAudit(h.vault.AuditKey())
	// The cache outlives the signal that stops the program: it is closed last but the store.
	if h.cache, err = cache.Open(context.WithoutCancel(ctx), cfg.RedisURL, log, clock); err != nil {
		return nil, err
	}
	h.owner = ownerName()
	if cfg.Traces != "" {
		h.traces = trace.New(trace.Options{URL: cfg.Traces, Percent: cfg.TracePercent, Version: version, Process: h.owner, Now: time.Now, Log: log})
		h.tracer = h.traces
		if err := h.store.Trace(h.tracer); err != nil {
			return nil, err
		}
	}
	h.door = wechat.New(wechat.Config{
		BaseURL: cfg.Wechat.BaseURL, MiniProgram: wechat.App(cfg.Wechat.MiniProgram), Official: wechat.App(cfg.Wechat.Official),
		Clock: clock, Tokens: h.cache.Tokens, Log: log, Tracer: h.tracer,
	})
	h.jobs = job.New(h.store, h.owner, clock, log)
	if err := h.rooms(); err != nil {
		return nil, err
	}
	h.beats()
	return h, nil
}

// rooms makes the rooms and plugs them into each other. The push room comes first: it is the outbox of the others.
func (h *house) rooms() error {
	files, err := blob.Open(h.cfg.BlobURL, filepath.Join(h.cfg.DataDir, attachments))
	if err != nil {
		return err
	}
	h.files = files
	if err := os.MkdirAll(filepath.Join(h.cfg.DataDir, spool), 0o700); err != nil {
		return err
	}
	h.setting = setting.New(h.store, h.clock)
	h.policy = policy.New(h.store, h.setting, h.clock)
	if err := h.policy.Load(context.Background()); err != nil {
		return err
	}
	h.radar = supervision.New(h.store, h.policy, h.setting, h.clock)
	wx := h.cfg.Wechat
	h.official = official.New(h.store, followerDoor{h.door}, h.clock, h.log)
	carriers, templates := h.carriers()
	h.push = push.New(h.store, carriers, push.Options{Templates: templates, Policies: h.policy, InFlight: h.cfg.Senders, Rate: h.cfg.SendRate, Owner: h.owner, Log: h.log, Media: mediaVerdicts{h}, Followers: h.official, Phones: phoneVault{h.vault}}, h.clock)
	h.member = member.New(h.store, h.vault, h.push, h.clock)
	h.upload = upload.New(h.store, files, h.vault, h.clock, h.uploadOptions())
	h.draftbox = draftbox.New(h.store, draftDoor{h.door, wx.Official.AppID}, h.upload, h.clock, draftbox.Options{BaseURL: h.cfg.PublicURL, Limits: draftLimits})
	h.content = content.New(h.store, h.push, articleFiles{h.upload}, attended{h.store}, h.clock)
	h.content.Follow(h.policy)
	h.fetch = fetch.New(fetch.Options{MaxSize: h.cfg.MaxUpload})
	h.content.FetchPictures(remotePictures{h.fetch, h.upload})
	h.comment = comment.New(h.store, checkDoor{h.door}, h.push, h.clock, h.log)
	h.store.OnChange(model.TopicSetting, func(string) { h.content.Forget() }) // after the comments heard it: closed ones are not counted
	h.store.OnChange(model.TopicPolicy, func(string) { h.content.Forget() })
	h.comment.Follow(h.policy)
	kept := suggestionFiles{h.upload, h.store}
	h.upload.Refer(kept)
	h.suggestion = suggestion.New(h.store, h.vault, kept, h.push, h.setting, h.policy, h.clock)
	h.meeting = meeting.New(h.store, h.push, h.setting, h.policy, h.vault, h.clock)
	h.meeting.BookRooms(h.tencentRooms())
	h.ballot = ballot.New(h.store, h.vault, h.policy, h.clock)
	h.action = action.New(h.store, h.push, h.setting, h.policy, h.clock)
	h.minutes = minutes.New(h.store, h.push, h.action, h.policy, h.clock)
	h.reminder = reminder.New(h.store, h.push, h.store, workCalendar{h}, h.clock)
	h.reminder.Follow(h.policy)
	h.policy.OnTurn(h.reminder.Turned)
	h.policy.OnTurn(h.meeting.Turned)
	h.signin = signin.New(h.store, loginDoor{h.door}, h.vault, h.member, waiting{h}, h.clock)
	h.signin.Follow(h.policy)
	h.signin.EnterBy(webDoor{h.door})
	h.audit = audit.New(h.store, h.vault.AuditKey(), h.policy, filepath.Join(h.cfg.DataDir, auditAnchors), h.clock, h.log)
	h.workrecord = workrecord.New(h.store, h.policy, h.clock)
	h.annual = annual.New(h.store, h.policy, h.clock)
	h.handover = handover.New(h.store, h.push, shortOf{h}, h.policy, h.clock)
	h.privacy = privacy.New(h.store, h.vault, hiddenNames{h.vault, h.suggestion}, ownFiles{h.upload, h.files}, h.push, h.policy, h.audit, h.clock, h.log)
	h.privacy.Ask(meetingTexts{})
	h.privacy.Ask(h.action)
	h.privacy.Ask(h.handover)
	h.official.Forgets(func(openID string) string { return h.vault.Index(model.ErasedOpenID(openID)) })
	clockIsSet := !h.cfg.ClockStart.IsZero()
	h.api = api.New(api.Rooms{
		Signin: h.signin, Member: h.member, Content: h.content, Comment: h.comment, Upload: h.upload, DraftBox: h.draftbox, Suggestion: h.suggestion, Meeting: h.meeting, Ballot: h.ballot, Minutes: h.minutes, Action: h.action,
		Policy: h.policy, Supervision: h.radar, Audit: h.audit, Privacy: h.privacy, Push: h.push, Reminder: h.reminder, Setting: h.setting, Handover: h.handover, Annual: h.annual, WorkRecord: h.workrecord, Limiter: h.cache.Limiter, Replays: sealedReplays{h.store, h.vault}, Ready: h.ready,
		MiniProgramCallback: callbackOf(wx.MiniProgram, h.door.MiniProgramReceiver(), clockIsSet), OfficialCallback: callbackOf(wx.Official, h.door.OfficialReceiver(), clockIsSet),
	}, api.Options{
		Log: h.log, Clock: h.clock, Limits: h.cfg.Limits, PublicURL: h.cfg.PublicURL, Version: version, MaxUpload: h.cfg.MaxUpload, Proxies: h.cfg.Proxies, Tracer: h.tracer,
		Site: h.publicSite(), SitePaths: site.Paths(),
		Wechat:    wechatFacts(wx),
		Frontends: []api.Frontend{{Path: "/console/", Files: web.Console()}, {Path: "/m/", Files: web.Member()}}, RootFiles: h.cfg.Wechat.VerifyFiles,
	})
	h.api.Watch(newFigures(h))
	if h.cfg.RedisURL != "" { // without it a nudge would reach this process alone, which knows what it has changed
		h.store.OnCommit(func(topic, key string) { h.cache.Nudge.Publish(context.Background(), "change", topic) })
		h.cache.Nudge.Subscribe("change", func(string) { h.jobs.Wake("changes") })
	}
	return nil
}

// ready is what /readyz asks.
func (h *house) ready(ctx context.Context) map[string]error {
	all := map[string]error{"database": h.store.Ping(ctx), "cache": h.cache.Ping(ctx), "queue": h.store.QueueReady(ctx)}
	if r := h.store.Replica(); r.Set {
		all["replica"] = r.Cause // losing it only slows, as losing the cache does
	}
	return all
}

// close lets go of everything that build opened, the store last. It is safe on a house that was built in part.
func (h *house) close() error {
	var errs []error
	if h.content != nil {
		end, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		errs = append(errs, h.content.WriteViews(end))
		cancel()
	}
	if h.fetch != nil {
		h.fetch.Close()
	}
	if h.door != nil {
		h.door.Close()
	}
	if h.traces != nil {
		h.traces.Close()
	}
	if h.files != nil {
		errs = append(errs, h.files.Close())
	}
	if h.cache != nil {
		errs = append(errs, h.cache.Close())
	}
	if h.store != nil {
		errs = append(errs, h.store.Close())
	}
	return errors.Join(errs...)
}

// newLogger writes one JSON object a line.
func newLogger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

// ownerName tells replicas apart in leases; two processes of one machine differ too.
func ownerName() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "host"
	}
	return model.CutRunes(host, 20) + "/" + store.NewID()
}
