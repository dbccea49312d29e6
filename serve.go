package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"zhibu/api"
	"zhibu/config"
)

type serveCommand struct {
	Demo bool `help:"Serve an invented society with a built-in WeChat stand-in, on the loopback address alone."`
}

// stopWithin is how long requests and jobs may take to finish once the program is told to stop.
const stopWithin = 9 * time.Second

// Run serves until the context ends, then stops in reverse: HTTP, jobs, rooms, store.
func (c serveCommand) Run(w *world) (err error) {
	lines := &lineBuffer{to: w.stderr}
	defer func() { err = errors.Join(err, lines.Flush()) }()
	cfg, logger := w.cfg, newLogger(lines)
	cfg.Demo = c.Demo
	clock := newClock(cfg.ClockStart)
	if !cfg.ClockStart.IsZero() {
		logger.Warn("the clock is set by ZHIBU_CLOCK", "clock", clock())
	}
	var sim *simulator
	if cfg.Demo {
		if !config.Loopback(cfg.Listen) {
			return errors.New("--demo serves on the loopback address alone: leave ZHIBU_LISTEN at 127.0.0.1:8080")
		}
		if sim, err = startSimulator(clock, logger); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, sim.close()) }()
		sim.settings(&cfg)
	}
	h, err := build(w.ctx, cfg, clock, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	if sim != nil {
		if err := h.loadDemo(w.ctx, sim.world); err != nil {
			return err
		}
		if err := h.remember(w.ctx, sim); err != nil {
			return err
		}
		h.api.Demonstrate(sim)
	}
	return h.serve(w.ctx, w.stdout, sim)
}

// serve opens the listeners, starts the jobs, says where it is, and waits for the end.
func (h *house) serve(ctx context.Context, stdout io.Writer, sim *simulator) error {
	public, err := net.Listen("tcp", h.cfg.Listen)
	if err != nil {
		return fmt.Errorf("ZHIBU_LISTEN: %w", err)
	}
	admin, err := net.Listen("tcp", h.cfg.AdminListen)
	if err != nil {
		return errors.Join(fmt.Errorf("ZHIBU_ADMIN_LISTEN: %w", err), public.Close())
	}
	servers := []*http.Server{h.server(h.publicHandler()), h.server(h.api.Admin())}
	guests := watchGuests(servers[0])
	servers[0].RegisterOnShutdown(h.api.EndStreams)
	ended := make([]chan error, len(servers))
	for i, l := range []net.Listener{public, admin} {
		ended[i] = make(chan error, 1)
		go func() { ended[i] <- servers[i].Serve(api.Gather(l)) }()
	}
	jobsCtx, stopJobs := context.WithCancel(context.WithoutCancel(ctx))
	h.jobs.Start(jobsCtx)
	if sim != nil {
		sim.callBack("http://" + public.Addr().String())
	}
	h.greet(ctx, stdout, public.Addr().String(), admin.Addr().String(), sim)
	h.log.Info("serving", "listen", public.Addr().String(), "admin", admin.Addr().String(), "database", h.store.Dialect(), "redis", h.cfg.RedisURL != "", "role", h.cfg.Role, "version", version)

	var cause error
	select {
	case <-ctx.Done():
	case cause = <-ended[0]:
		ended[0] <- http.ErrServerClosed
	case cause = <-ended[1]:
		ended[1] <- http.ErrServerClosed
	}
	h.log.Info("stopping")
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if cause == nil && h.cfg.Drain > 0 && h.cfg.Role != config.RoleWorker {
		cause = h.drain(end, public, ended[0], guests)
	}
	for _, s := range servers {
		err := s.Shutdown(end)
		if errors.Is(err, context.DeadlineExceeded) { // somebody who does not finish: the program has done its part
			h.log.Warn("requests that would not end were cut off")
			err = s.Close()
		}
		cause = errors.Join(cause, err)
	}
	for _, one := range ended {
		if err := <-one; !errors.Is(err, http.ErrServerClosed) {
			cause = errors.Join(cause, err)
		}
	}
	stopJobs()
	h.jobs.Wait()
	h.log.Info("stopped")
	return cause
}

// publicHandler is what the public listener serves: everything, or only the probes where the process is a worker.
func (h *house) publicHandler() http.Handler {
	if h.cfg.Role == config.RoleWorker {
		return h.api.Probes()
	}
	return h.api
}

// server bounds how long a slow client may hold a connection.
func (h *house) server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 60 * time.Second, WriteTimeout: 120 * time.Second, IdleTimeout: 120 * time.Second,
		MaxHeaderBytes: 64 << 10, ConnContext: api.Gathered, ErrorLog: log.New(io.Discard, "", 0), // broken connections of clients are not our news
	}
}

// greet tells whoever started the program where it is and what to do next.
func (h *house) greet(ctx context.Context, out io.Writer, public, admin string, sim *simulator) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	say("手机党支部 %s 已启动", version)
	say("  接口    http://%s/api/v1    参考文档 http://%s/docs", public, public)
	say("  会员端  http://%s/m/    管理后台 http://%s/console/", public, public)
	say("  指标    http://%s/metrics", admin)
	if sim != nil {
		sim.greet(say, public)
		return
	}
	n, err := h.store.CountCredentials(ctx)
	if err == nil && n == 0 {
		say("")
		say("这是一个空的安装，接下来：")
		say("  1. 创建第一个管理账号：echo '您的密码' | zhibu admin create --username admin")
		say("     （源码目录中用 go run . 代替 zhibu；密码至少 10 位）")
		say("  2. 用它登录：POST /api/v1/auth/password，然后 POST /api/v1/orgs 建立组织，再导入花名册")
		say("  3. 填入微信凭据（ZHIBU_WECHAT_MINIPROGRAM_APPID 等），用 zhibu doctor 检查；说明见 README")
		say("  想先看看样子：zhibu serve --demo")
	}
}
