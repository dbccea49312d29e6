package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"time"

	"zhibu/api"
	"zhibu/config"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/cache"
	"zhibu/service/job"
	"zhibu/service/signin"
	"zhibu/service/vault"
	"zhibu/service/wechat"
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

	signin *signin.Service

	api  *api.API
	jobs *job.Runner
}

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
	// The cache outlives the signal that stops the program: it is closed last but the store.
	if h.cache, err = cache.Open(context.WithoutCancel(ctx), cfg.RedisURL, log, clock); err != nil {
		return nil, err
	}
	h.door = wechat.New(wechat.Config{
		BaseURL: cfg.Wechat.BaseURL, MiniProgram: wechat.App(cfg.Wechat.MiniProgram), Official: wechat.App(cfg.Wechat.Official),
		Clock: clock, Tokens: h.cache.Tokens, Log: log,
	})
	h.rooms()
	h.jobs = job.New(h.store, ownerName(), clock, log)
	h.beats()
	return h, nil
}

// rooms makes the rooms and plugs them into each other.
func (h *house) rooms() {
	h.signin = signin.New(h.store, loginDoor{h.door}, h.vault, nil, waiting{h}, h.clock)
	h.api = api.New(api.Rooms{
		Signin: h.signin, Limiter: h.cache.Limiter, Replays: h.store, Ready: h.ready,
	}, api.Options{
		Log: h.log, Clock: h.clock, Limits: h.cfg.Limits, PublicURL: h.cfg.PublicURL, Version: version, MaxUpload: h.cfg.MaxUpload, Demo: h.cfg.Demo,
	})
	h.store.OnCommit(func(topic, key string) { h.cache.Nudge.Publish(context.Background(), "change", topic) })
	h.cache.Nudge.Subscribe("change", func(string) { h.jobs.Wake("changes") })
}

// ready is what /readyz asks.
func (h *house) ready(ctx context.Context) map[string]error {
	return map[string]error{"database": h.store.Ping(ctx), "cache": h.cache.Ping(ctx)}
}

// close lets go of everything that build opened, the store last. It is safe on a house that was built in part.
func (h *house) close() error {
	var errs []error
	if h.door != nil {
		h.door.Close()
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
