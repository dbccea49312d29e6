package store

import (
	"context"
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
	last int64           // the change before those that the next poll reads
	seen map[int64]int64 // changes seen lately, by id, with the unix second: a lower id may be committed later than a higher one
}

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
	if err := s.write(ctx).Create(&c).Error; err != nil {
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

// Poll reads what other replicas changed and tells those who listen. The first call only finds where the feed stands.
func (s *Store) Poll(ctx context.Context, now time.Time) error {
	s.feed.mu.Lock()
	on, last := s.feed.on, s.feed.last
	s.feed.mu.Unlock()
	if !on {
		var top struct{ ID int64 }
		if err := s.read(ctx).Model(&model.Change{}).Select("COALESCE(MAX(id), 0) AS id").Scan(&top).Error; err != nil {
			return fault(err)
		}
		s.feed.start(top.ID)
		return nil
	}
	rows, err := many[model.Change](s.read(ctx).Where("id > ?", last).Order("id").Limit(1000))
	if err != nil {
		return err
	}
	for _, c := range rows {
		if s.feed.mark(c.ID, now) {
			s.feed.tell(c.Topic, c.Key)
		}
	}
	s.feed.advance(rows, now)
	return nil
}

func (f *feed) start(top int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.on, f.last = true, top
}

// advance moves the start of the next poll past changes that are old enough for nothing lower to come after them.
func (f *feed) advance(rows []model.Change, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range rows {
		if now.Sub(c.At) > lateCommit || len(rows) == 1000 {
			f.last = c.ID
		}
	}
	for id, at := range f.seen {
		if id <= f.last && now.Unix()-at > int64(lateCommit/time.Second) {
			delete(f.seen, id)
		}
	}
}

// PruneChanges forgets changes that every replica has long seen.
func (s *Store) PruneChanges(ctx context.Context, before time.Time) error {
	return fault(s.write(ctx).Where("at < ?", before).Delete(&model.Change{}).Error)
}
