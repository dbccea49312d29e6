package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// house holds what one run of the harness shares: the cores, the built program, the fake WeChat, the servers of databases.
type house struct {
	options options
	cores   cores
	dir     string
	binary  string
	began   time.Time
	machine string // the head of the table: where the figures come from
	wechat  *wechat
	maria   *maria
	redis   string // its URL, or empty where it is not installed

	started int
	running []*process
}

// openHouse builds the program and starts what all rows share.
func openHouse(ctx context.Context, o options) (h *house, err error) {
	h = &house{options: o, began: time.Now(), binary: o.Binary}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if h.cores, err = readCores(); err != nil {
		return h, err
	}
	h.machine = fmt.Sprintf("%s, %d cores: %s. Load of the machine at the start: %.1f", processorName(), len(h.cores.all), h.cores, loadAverage())
	if h.dir, err = os.MkdirTemp("", "zhibu-bench-"); err != nil {
		return h, err
	}
	if h.binary == "" { // built on all cores, before this process moves to its own
		h.binary = filepath.Join(h.dir, "zhibu")
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", h.binary, ".")
		build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=0")
		if text, err := build.CombinedOutput(); err != nil {
			return h, fmt.Errorf("build the program: %w\n%s", err, text)
		}
	} else if h.binary, err = filepath.Abs(h.binary); err != nil {
		return h, err
	}
	if err := h.cores.pinSelf(); err != nil {
		return h, err
	}
	h.wechat, err = h.startWechat(ctx)
	return h, err
}

// close ends every process that is still there and removes what they left.
func (h *house) close() error {
	for _, p := range h.running {
		p.kill()
	}
	if h.dir == "" {
		return nil
	}
	if h.options.Keep {
		fmt.Fprintln(os.Stderr, "kept:", h.dir)
		return nil
	}
	return os.RemoveAll(h.dir)
}

// commit names what was measured, with a mark where the folder held more than the commit.
func commit() string {
	text, err := exec.Command("git", "-C", "..", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(text))
}
