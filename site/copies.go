package site

import (
	"bytes"
	"compress/gzip"
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"sync"
	"time"
)

// copiesWeight is how many bytes the copies may hold together.
const copiesWeight = 16 << 20

// copyLife bounds the age of every copy, in case a change was never heard of.
const copyLife = 12 * time.Hour

// leaf is one answer as it is kept: compressed once, for all who ask. Nobody may change it.
type leaf struct {
	mime   string
	packed []byte // gzip
	length int    // when unpacked
	tag    string
	made   time.Time
	// modified is the second in which the copy was made; zero where another copy may have been made in the same second, since a client that
	// compares dates alone could not tell the two apart.
	modified time.Time
}

// newLeaf compresses an answer.
func newLeaf(mime string, body []byte, now time.Time) (*leaf, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	return &leaf{
		mime: mime, packed: bytes.Clone(b.Bytes()), length: len(body), made: now, modified: now.UTC().Truncate(time.Second),
		tag: `W/"` + hex.EncodeToString(sum[:12]) + `"`, // weak: the same for both encodings
	}, nil
}

// unpacked writes the answer for a client that does not know gzip.
func (l *leaf) unpacked(w io.Writer) error {
	z, err := gzip.NewReader(bytes.NewReader(l.packed))
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, z); err != nil {
		return err
	}
	return z.Close()
}

// errUnmade is for those who waited for a copy whose making broke off.
var errUnmade = errors.New("site: the copy could not be made")

// place names a copy: the page, and the address of the site under which its links were made.
type place struct{ page, base string }

// copies keeps answers until what they show changes. A change takes the copy away rather than marking it, so that an answer that was being made
// meanwhile reaches only those who asked before the change.
type copies struct {
	mu      sync.Mutex
	kept    map[place]*copied
	order   *list.List // of *copied, the latest used in front
	weight  int
	most    int
	changed time.Time // when something was taken away last
}

// copied is a place among the copies; its leaf is there once ready is closed.
type copied struct {
	place
	at    *list.Element
	ready chan struct{}
	leaf  *leaf
	err   error
}

func newCopies(most int) *copies {
	return &copies{kept: map[place]*copied{}, order: list.New(), most: most}
}

// get returns the copy of a place, or makes it. Those who ask for the same meanwhile wait for one making.
func (c *copies) get(ctx context.Context, now time.Time, at place, fill func(ctx context.Context) (*leaf, error)) (*leaf, error) {
	c.mu.Lock()
	if e := c.kept[at]; e != nil && !e.old(now) {
		c.order.MoveToFront(e.at)
		c.mu.Unlock()
		select {
		case <-e.ready:
			return e.leaf, e.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	e := &copied{place: at, ready: make(chan struct{})}
	c.put(e)
	c.mu.Unlock()

	defer c.finish(e)
	l, err := fill(context.WithoutCancel(ctx)) // others wait for it too
	c.mu.Lock()
	defer c.mu.Unlock()
	e.leaf, e.err = l, err
	if err != nil {
		return nil, err
	}
	if l.modified.Equal(c.changed.UTC().Truncate(time.Second)) {
		l.modified = time.Time{}
	}
	if c.holds(e) {
		c.weight += e.size()
		c.shed(e)
	}
	return l, nil
}

// finish lets those who wait go on. What could not be made, be it for a panic, is not kept.
func (c *copies) finish(e *copied) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.leaf == nil {
		c.drop(e)
		if e.err == nil {
			e.err = errUnmade
		}
	}
	close(e.ready)
}

// old reports whether a copy is too old to be shown. One that is being made is not.
func (e *copied) old(now time.Time) bool {
	select {
	case <-e.ready:
	default:
		return false
	}
	age := now.Sub(e.leaf.made)
	return age < 0 || age >= copyLife
}

// size is what a copy weighs, its place included; nothing until it is made.
func (e *copied) size() int {
	if e.leaf == nil {
		return 0
	}
	return len(e.leaf.packed) + len(e.page) + len(e.base) + 400
}

func (c *copies) holds(e *copied) bool { return c.kept[e.place] == e }

func (c *copies) put(e *copied) {
	if before := c.kept[e.place]; before != nil {
		c.drop(before)
	}
	c.kept[e.place] = e
	e.at = c.order.PushFront(e)
}

func (c *copies) drop(e *copied) {
	if !c.holds(e) {
		return
	}
	c.order.Remove(e.at)
	delete(c.kept, e.place)
	c.weight -= e.size()
}

// shed drops what was longest not asked for until the rest fits; but never the newest.
func (c *copies) shed(newest *copied) {
	for back := c.order.Back(); back != nil && c.weight > c.most; {
		e, before := back.Value.(*copied), back.Prev()
		if e != newest && e.leaf != nil {
			c.drop(e)
		}
		back = before
	}
}

// forget takes away everything.
func (c *copies) forget(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changed = now
	c.kept, c.weight = map[place]*copied{}, 0
	c.order.Init()
}
