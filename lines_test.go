package main

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// paper keeps what is written, and tells how often.
type paper struct {
	mu    sync.Mutex
	text  bytes.Buffer
	times int
	torn  error
	wrote chan struct{}
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.times++
	p.text.Write(b)
	select {
	case p.wrote <- struct{}{}:
	default:
	}
	return len(b), p.torn
}

func (p *paper) read() (string, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String(), p.times
}

// Ordinary lines wait for each other, but not long; an error comes at once, behind all that was before it; nothing is lost at the end.
func TestLinesAreGatheredAndNoneIsLost(t *testing.T) {
	p := &paper{wrote: make(chan struct{}, 1)}
	b := &lineBuffer{to: p}
	log := newLogger(b)
	log.Info("one")
	log.Info("two")
	if text, _ := p.read(); text != "" {
		t.Errorf("written at once: %s", text)
	}
	log.Error("three", "cause", `"level":"INFO"`)
	if text, times := p.read(); strings.Count(text, "\n") != 3 || times != 1 || strings.Index(text, "two") > strings.Index(text, "three") {
		t.Errorf("%d times: %s", times, text)
	}
	<-p.wrote
	log.Info("four")
	select {
	case <-p.wrote:
	case <-time.After(5 * time.Second):
		t.Fatal("a line alone is never written")
	}
	log.Info("five")
	if err := b.Flush(); err != nil {
		t.Error(err)
	}
	if text, _ := p.read(); strings.Count(text, "\n") != 5 {
		t.Errorf("at the end: %s", text)
	}
	p.torn = errors.New("torn")
	log.Info("six")
	if err := b.Flush(); !errors.Is(err, p.torn) {
		t.Errorf("what could not be written: %v", err)
	}
}
