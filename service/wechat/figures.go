package wechat

import (
	"maps"
	"sync"
	"time"
)

// Call is one way in which calls to WeChat ended.
type Call struct {
	API     string // the path, one of the API constants
	ErrCode int    // WeChat's; 0 when it did what was asked, or gave no readable answer
	Class   RetryClass
}

// CallFigures are how often it happened since the program started, and how long the calls took together.
type CallFigures struct {
	Count int64
	Took  time.Duration
}

// figures counts calls for whoever watches the program.
type figures struct {
	mu sync.Mutex
	of map[Call]CallFigures
}

func (f *figures) count(api string, err error, took time.Duration) {
	call := Call{API: api}
	if e, ok := AsCallError(err); ok {
		call.ErrCode, call.Class = e.Code, e.Class
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of == nil {
		f.of = map[Call]CallFigures{}
	}
	n := f.of[call]
	f.of[call] = CallFigures{n.Count + 1, n.Took + max(took, 0)} // a clock that was set back takes nothing away
}

// Calls are this process's calls to WeChat since its start, by how they ended. A good call has no class.
func (d *Door) Calls() map[Call]CallFigures {
	d.figures.mu.Lock()
	defer d.figures.mu.Unlock()
	return maps.Clone(d.figures.of)
}
