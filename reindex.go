package main

import (
	"errors"
	"fmt"

	"zhibu/service/content"
)

type reindexCommand struct{}

// Run writes the full-text index anew, and what likeness is found by; the program may serve meanwhile. After an update that indexes
// in another way the program does it by itself, slowly; this is quicker, and mends an index that was lost.
func (reindexCommand) Run(w *world) error {
	clock := newClock(w.cfg.ClockStart)
	s, err := openStore(w.ctx, w.cfg, clock)
	if err != nil {
		return err
	}
	n, err := content.New(s, nil, nil, nil, clock).RebuildSearch(w.ctx)
	if err == nil {
		_, err = fmt.Fprintf(w.stdout, "已重建 %d 篇文章的检索索引。\n", n)
	}
	return errors.Join(err, s.Close())
}
