package main

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// load is a stream of requests at a fixed rate. It never waits for an answer before it asks again, so that a stall of the server is seen by
// every request that would have come during it, and not by one alone.
type load struct {
	attacker *vegeta.Attacker
	ended    chan struct{}
	metrics  vegeta.Metrics
}

// startLoad begins to make the same request of the API so many times a second.
func startLoad(v *server, perSecond int, method, path string, body string) *load {
	l := &load{attacker: vegeta.NewAttacker(vegeta.Timeout(10 * time.Second)), ended: make(chan struct{})}
	header := http.Header{"Authorization": {"Bearer " + v.token}}
	if body != "" {
		header.Set("Content-Type", "application/json")
	}
	targets := vegeta.NewStaticTargeter(vegeta.Target{Method: method, URL: v.url + "/api/v1" + path, Header: header, Body: []byte(body)})
	results := l.attacker.Attack(targets, vegeta.Rate{Freq: perSecond, Per: time.Second}, 0, path)
	go func() {
		defer close(l.ended)
		for r := range results {
			l.metrics.Add(r)
		}
	}()
	return l
}

// stop ends the stream, waits for the answers that are still out, and fails where one was not a success.
func (l *load) stop() (*vegeta.Metrics, error) {
	l.attacker.Stop()
	<-l.ended
	l.metrics.Close()
	if l.metrics.Success < 1 {
		return nil, fmt.Errorf("of %d requests %.2f %% succeeded: %v %v", l.metrics.Requests, 100*l.metrics.Success, l.metrics.StatusCodes, l.metrics.Errors)
	}
	if l.metrics.Requests == 0 {
		return nil, errors.New("no request was made")
	}
	return &l.metrics, nil
}

// milliseconds of a latency.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
