package store

import (
	"context"
	"slices"
	"sync"
	"time"

	"zhibu/model"
)

// feed is the way changes reach those in this process who hold copies of rows.
type feed struct {
	mu   sync.Mutex
	subs map[string][]func(key string)
	wake func(topic, key string)

	on   bool            // whether the start of the feed was found
	top  int64           // the highest change that was read, or was this process's own behind one that was
	gaps []gap           // what was passed over below it
	seen map[int64]int64 // changes seen lately, by id, with the unix second

	swept int64 // the second in which seen was last cleared of what is old
}

// gap is a run of numbers that were not there when a higher one was read: they may be committed later, or never.
type gap struct {
	above, below int64
	since        time.Time
}

// mostGaps are looked into one by one; more are put together.
const mostGaps = 40

func newFeed() *feed {
	return &feed{subs: map[string][]func(string){}, seen: map[int64]int64{}}
}

// OnChange calls f with the key of each change of the topic, in this process at once and from other replicas when Poll finds it.
// Register everything before the program starts to serve.
func (s *Store) OnChange(topic string, f func(key string)) {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.feed.subs[topic] = append(s.feed.subs[topic], f)
}

// OnCommit sets who is told of every committed change, to wake other replicas before their next poll.
func (s *Store) OnCommit(wake func(topic, key string)) { s.feed.wake = wake }

// Changed writes a change into the transaction; once it is committed, this process and then the others hear of it.
func (s *Store) Changed(ctx context.Context, now time.Time, topic, key string) error {
	c := model.Change{Topic: topic, Key: key, At: now}
	res, err := s.exec(ctx, "INSERT INTO changes (topic, subject, at) VALUES (?, ?, ?)", c.Topic, c.Key, c.At)
	if err != nil {
		return err
	}
	if c.ID, err = res.LastInsertId(); err != nil {
		return fault(err)
	}
	s.After(func() {
		s.feed.mark(c.ID, now)
		s.feed.tell(topic, key)
		if s.feed.wake != nil {
			s.feed.wake(topic, key)
		}
	})
	return nil
}

func (f *feed) tell(topic, key string) {
	f.mu.Lock()
	subs := f.subs[topic]
	f.mu.Unlock()
	for _, sub := range subs {
		sub(key)
	}
}

// mark notes a change as seen and reports whether it was new.
func (f *feed) mark(id int64, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.seen[id]; ok {
		return false
	}
	f.seen[id] = now.Unix()
	return true
}

// lateCommit is how long after a change another with a lower number may still become visible.
const lateCommit = 5 * time.Second

// pollAtOnce is how many changes are read with one statement.
const pollAtOnce = 1000

// Poll reads what other replicas changed and tells those who listen. The first call only finds where the feed stands. What this process changed
// by itself is not read again, and neither is what was read before: of old numbers only those that were missing are looked for, while they may
// still come.
func (s *Store) Poll(ctx context.Context, now time.Time) error {
	on, top, gaps := s.feed.standing(now)
	if !on {
		var top struct{ ID int64 }
		if err := s.read(ctx).Model(&model.Change{}).Select("COALESCE(MAX(id), 0) AS id").Scan(&top).Error; err != nil {
			return fault(err)
		}
		s.feed.start(top.ID)
		return nil
	}
	for _, g := range gaps {
		late, err := many[model.Change](s.read(ctx).Select("id", "topic", "subject").Where("id > ? AND id < ?", g.above, g.below).Order("id"))
		if err != nil {
			return err
		}
		s.feed.hear(late, now)
	}
	for {
		rows, err := many[model.Change](s.read(ctx).Select("id", "topic", "subject").Where("id > ?", top).Order("id").Limit(pollAtOnce))
		if err != nil {
			return err
		}
		s.feed.hear(rows, now)
		top = s.feed.advance(rows, now)
		if len(rows) < pollAtOnce {
			return nil
		}
	}
}

// standing is where the feed stands, past what this process wrote by itself.
func (f *feed) standing(now time.Time) (on bool, top int64, gaps []gap) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.on {
		if _, own := f.seen[f.top+1]; !own {
			break
		}
		f.top++
	}
	f.gaps = slices.DeleteFunc(f.gaps, func(g gap) bool {
		d := now.Sub(g.since)
		return d > lateCommit || d < 0 || f.filled(g)
	})
	if now.Unix() == f.swept {
		return f.on, f.top, slices.Clone(f.gaps)
	}
	f.swept = now.Unix()
	for id, at := range f.seen {
		if id <= f.top && now.Unix()-at > 2*int64(lateCommit/time.Second) {
			delete(f.seen, id)
		}
	}
	return f.on, f.top, slices.Clone(f.gaps)
}

// filled reports whether nothing of a short gap is missing any more.
func (f *feed) filled(g gap) bool {
	if g.below-g.above > 100 {
		return false
	}
	for id := g.above + 1; id < g.below; id++ {
		if _, ok := f.seen[id]; !ok {
			return false
		}
	}
	return true
}

func (f *feed) start(top int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.on, f.top = true, top
}

// hear tells those who listen of what they have not heard.
func (f *feed) hear(rows []model.Change, now time.Time) {
	for _, c := range rows {
		if f.mark(c.ID, now) {
			f.tell(c.Topic, c.Key)
		}
	}
}

// advance goes on past what was read, and notes the numbers that were missing.
func (f *feed) advance(rows []model.Change, now time.Time) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range rows {
		if g := (gap{f.top, c.ID, now}); c.ID > f.top+1 && !f.filled(g) {
			f.gaps = append(f.gaps, g)
		}
		f.top = max(f.top, c.ID)
	}
	if len(f.gaps) > mostGaps {
		f.gaps = bySecond(f.gaps)
	}
	return f.top
}

// bySecond puts gaps of the same second together: rather read some again than ask for each.
func bySecond(gaps []gap) []gap {
	var out []gap
	for _, g := range gaps {
		if n := len(out); n > 0 && out[n-1].since.Unix() == g.since.Unix() {
			out[n-1].below, out[n-1].since = g.below, g.since
			continue
		}
		out = append(out, g)
	}
	return out
}

// PruneChanges forgets changes that every replica has long seen.
func (s *Store) PruneChanges(ctx context.Context, before time.Time) error {
	return fault(s.write(ctx).Where("at < ?", before).Delete(&model.Change{}).Error)
}
