package main

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// How long a line of the log may wait for others, and how many bytes wait together.
const (
	linesWait = 100 * time.Millisecond
	linesMost = 32 << 10
)

// lineBuffer gathers the log's ordinary lines, so that not each of them costs a call of the system. A warning or an error is written at once, with
// all that waited before it. Whoever makes one flushes it at the end.
type lineBuffer struct {
	to    io.Writer
	mu    sync.Mutex
	wait  []byte
	timer *time.Timer
	err   error // of the last writing; the lines are lost
}

// Write takes one line.
func (b *lineBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wait = append(b.wait, line...)
	if len(b.wait) >= linesMost || !ordinary(line) {
		b.flush()
		return len(line), b.err
	}
	if b.timer == nil {
		b.timer = time.AfterFunc(linesWait, func() { _ = b.Flush() }) // the next line tells of a fault
	}
	return len(line), b.err
}

// ordinary reports whether a line is of the level of information.
func ordinary(line []byte) bool {
	return bytes.Contains(line[:min(len(line), 80)], []byte(`"level":"INFO"`))
}

// Flush writes what waits.
func (b *lineBuffer) Flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flush()
	return b.err
}

func (b *lineBuffer) flush() {
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	if len(b.wait) == 0 {
		return
	}
	_, b.err = b.to.Write(b.wait)
	b.wait = b.wait[:0]
}
