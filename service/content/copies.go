package content

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	"zhibu/model"
	"zhibu/model/store"
)

// Ready is an answer in bytes, with its tag. The bytes are shared: nobody may change them.
type Ready struct {
	Body []byte
	ETag string
	// Packed is the body compressed by gzip, once for all who ask, when the first does; nil where that is not worth it.
	Packed func() []byte
}

// ready makes an answer of bytes.
func ready(body []byte, tag string) Ready {
	return Ready{Body: body, ETag: tag, Packed: sync.OnceValue(func() []byte { return pack(body) })}
}

// worthPacking is the size below which an answer fits into one packet anyway.
const worthPacking = 1200

func pack(body []byte) []byte {
	if len(body) < worthPacking {
		return nil
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, 5)
	if err != nil {
		return nil
	}
	if _, err := z.Write(body); err != nil || z.Close() != nil {
		return nil
	}
	return b.Bytes()
}

// How much the copies may hold, in bytes.
const (
	pagesWeight = 16 << 20
	shelfWeight = 24 << 20
)

// countEvery bounds how often changed counts make the feed anew. The first change after a quiet second shows at once; what follows it within the
// second shows when the second is over. An article's own page always shows likes and comments exactly; views are written every few seconds.
const countEvery = time.Second

// copyLife bounds the age of every copy: the addresses of files in it are signed for two days at least.
const copyLife = 12 * time.Hour

// young reports whether a copy made at an instant may still be shown.
func young(made, now time.Time) bool {
	age := now.Sub(made)
	return age >= 0 && age < copyLife
}

// pages keeps rendered pages of feeds. All of them are of one version: whatever changes a feed makes every page anew.
type pages struct {
	cache   *otter.Cache[string, *page]
	flight  singleflight.Group
	version atomic.Int64
	shape   atomic.Int64 // counts the changes after which another article may stand in a feed
	ranges  *otter.Cache[string, *ranges]
	pending atomic.Bool // counts have changed since the version
	mu      sync.Mutex
	last    time.Time // when counts last made a new version
}

type page struct {
	Ready
	version int64
	made    time.Time
}

// ranges are the parts of a feed that hold anything.
type ranges struct {
	*store.FeedRanges
	shape int64
	made  time.Time
}

func newPages() *pages {
	return &pages{ranges: otter.Must(&otter.Options[string, *ranges]{MaximumSize: 4000}), cache: otter.Must(&otter.Options[string, *page]{
		MaximumWeight: pagesWeight,
		Weigher:       func(key string, p *page) uint32 { return uint32(len(key) + len(p.Body)*5/4 + 200) },
	})}
}

// forget makes every page stale at once.
func (p *pages) forget() {
	p.shape.Add(1)
	p.version.Add(1)
}

// rangesOf returns which parts of a feed hold anything, or looks. They are known until an article comes into a feed or leaves one.
func (p *pages) rangesOf(now time.Time, key string, look func() (*store.FeedRanges, error)) (*store.FeedRanges, error) {
	shape := p.shape.Load() // before the looking, so that a change in between is never missed
	if kept, ok := p.ranges.GetIfPresent(key); ok && kept.shape == shape && young(kept.made, now) {
		return kept.FeedRanges, nil
	}
	found, err := look()
	if err == nil {
		p.ranges.Set(key, &ranges{found, shape, now})
	}
	return found, err
}

// counted makes every page stale, unless that was done for counts less than a second ago; then it will be done when the second is over.
func (p *pages) counted(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d := now.Sub(p.last); d >= 0 && d < countEvery && !p.last.IsZero() {
		p.pending.Store(true)
		return
	}
	p.last = now
	p.pending.Store(false)
	p.version.Add(1)
}

// current is the version of pages that may be shown.
func (p *pages) current(now time.Time) int64 {
	if p.pending.Load() {
		p.mu.Lock()
		if d := now.Sub(p.last); p.pending.Load() && (d >= countEvery || d < 0) {
			p.last = now
			p.pending.Store(false)
			p.version.Add(1)
		}
		p.mu.Unlock()
	}
	return p.version.Load()
}

// peek returns the page of a key if there is one that may be shown.
func (p *pages) peek(now time.Time, key string) (Ready, bool) {
	version := p.current(now)
	kept, ok := p.cache.GetIfPresent(key)
	if !ok || kept.version != version || !young(kept.made, now) {
		return Ready{}, false
	}
	return kept.Ready, true
}

// get returns the page of a key, or makes it. The version is read before the rows are, so that a change in between is never missed,
// and those who ask for the same page meanwhile wait for one reading.
func (p *pages) get(ctx context.Context, now time.Time, key string, fill func(ctx context.Context) ([]byte, error)) (Ready, error) {
	if kept, ok := p.peek(now, key); ok {
		return kept, nil
	}
	version := p.current(now)
	made, err, _ := p.flight.Do(strconv.FormatInt(version, 36)+" "+key, func() (any, error) {
		body, err := fill(context.WithoutCancel(ctx)) // others wait for it too
		if err != nil {
			return nil, err
		}
		fresh := &page{Ready: ready(body, `"`+digestOf(body)+`"`), version: version, made: now}
		p.cache.Set(key, fresh)
		return fresh, nil
	})
	if err != nil {
		return Ready{}, err
	}
	return made.(*page).Ready, nil
}

// digestOf tells two bodies apart.
func digestOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:10])
}

// shelf keeps articles with their bytes. A copy is good until its article, its author's name or the tree changes.
type shelf struct {
	cache  *otter.Cache[string, *volume]
	flight singleflight.Group
	seq    atomic.Int64
	mu     sync.RWMutex
	stale  map[string]int64 // article id, or "member:" and the author's id → the change's place in the sequence
	all    int64
}

// volume is one article on the shelf, with what decides who may see it.
type volume struct {
	Ready
	article *model.Article
	author  string
	read    int64 // the sequence before the rows were read
	made    time.Time
}

func newShelf() *shelf {
	return &shelf{stale: map[string]int64{}, cache: otter.Must(&otter.Options[string, *volume]{
		MaximumWeight: shelfWeight,
		Weigher:       func(key string, v *volume) uint32 { return uint32(len(key) + len(v.Body)*3/2 + 1000) },
	})}
}

func (s *shelf) forget(key string) {
	n := s.seq.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.stale) > 10_000 { // rather read everything again than grow for ever
		clear(s.stale)
		s.all = n
	}
	s.stale[key] = n
}

func (s *shelf) forgetAll() {
	n := s.seq.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = n
}

// fresh reports whether nothing has changed since the volume was read.
func (s *shelf) fresh(v *volume) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return v.read >= s.all && v.read >= s.stale[v.article.ID] && v.read >= s.stale[v.author]
}

// peek returns a volume if there is one that may be shown.
func (s *shelf) peek(now time.Time, key string) (*volume, bool) {
	v, ok := s.cache.GetIfPresent(key)
	if !ok || !s.fresh(v) || !young(v.made, now) {
		return nil, false
	}
	return v, true
}

// get returns a volume, or reads it.
func (s *shelf) get(ctx context.Context, now time.Time, key string, fill func(ctx context.Context) (*volume, error)) (*volume, error) {
	if v, ok := s.peek(now, key); ok {
		return v, nil
	}
	read := s.seq.Load()
	made, err, _ := s.flight.Do(strconv.FormatInt(read, 36)+" "+key, func() (any, error) {
		v, err := fill(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		v.read, v.made = read, now
		s.cache.Set(key, v)
		return v, nil
	})
	if err != nil {
		return nil, err
	}
	return made.(*volume), nil
}

// kin keeps which articles are near which. What it holds are ids, and who may see each is asked for every reader; a few minutes' age shows
// nothing that is gone.
type kin struct {
	cache  *otter.Cache[string, relatives]
	flight singleflight.Group
}

type relatives struct {
	ids  []string
	made time.Time
}

func newKin() *kin {
	return &kin{cache: otter.Must(&otter.Options[string, relatives]{MaximumSize: 4000})}
}

func (k *kin) get(ctx context.Context, now time.Time, id string, find func(ctx context.Context) ([]string, error)) ([]string, error) {
	if r, ok := k.cache.GetIfPresent(id); ok && now.Sub(r.made) < relatedLife && !now.Before(r.made) {
		return r.ids, nil
	}
	ids, err, _ := k.flight.Do(id, func() (any, error) {
		ids, err := find(context.WithoutCancel(ctx))
		if err == nil {
			k.cache.Set(id, relatives{ids, now})
		}
		return ids, err
	})
	if err != nil {
		return nil, err
	}
	return ids.([]string), nil
}
