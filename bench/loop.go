package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// runLoop is the yardstick of sending, in a process of its own: a bare loop that only makes the calls, with no ledger and no database.
func runLoop(args []string) error {
	flags := flag.NewFlagSet("loop", flag.ContinueOnError)
	url := flags.String("url", "", "")
	n := flags.Int("n", 0, "")
	inFlight := flags.Int("in-flight", 200, "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: *inFlight, MaxConnsPerHost: *inFlight}}
	address := *url + "/cgi-bin/message/subscribe/send?access_token=bench-token"
	var next, failed atomic.Int64
	var all sync.WaitGroup
	for range *inFlight {
		all.Go(func() {
			for {
				i := int(next.Add(1))
				if i > *n {
					return
				}
				if err := post(client, address, card(i)); err != nil {
					failed.Add(1)
				}
			}
		})
	}
	all.Wait()
	if f := failed.Load(); f > 0 {
		return fmt.Errorf("%d of %d calls failed", f, *n)
	}
	return nil
}

func post(client *http.Client, address string, body []byte) error {
	res, err := client.Post(address, "application/json; charset=utf-8", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	var out struct {
		ErrCode int `json:"errcode"`
	}
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	if out.ErrCode != 0 {
		return errors.New("refused")
	}
	return err
}

// card is a message of the size and form of the program's own.
func card(i int) []byte {
	type value struct {
		Value string `json:"value"`
	}
	body, err := json.Marshal(map[string]any{
		"touser": "oLoop" + strconv.Itoa(1_000_000+i), "template_id": templateID, "page": pushPage, "miniprogram_state": "formal", "lang": "zh_CN",
		"data": map[string]value{"thing1": {pushTitle}, "thing2": {"康复医学会第一党支部"}, "time3": {"2026年11月23日 19:00"}, "thing4": {pushNote}},
	})
	if err != nil {
		panic(err) // texts always marshal
	}
	return body
}

// bareLoop runs the yardstick on the server's core and tells what arrived.
func (h *house) bareLoop(ctx context.Context, n, inFlight int) (traffic, error) {
	if err := h.wechat.reset(); err != nil {
		return traffic{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return traffic{}, err
	}
	p, err := h.launch("loop", h.cores.server, os.Environ(), self, "part-loop", "-url", h.wechat.url, "-n", strconv.Itoa(n), "-in-flight", strconv.Itoa(inFlight))
	if err != nil {
		return traffic{}, err
	}
	select {
	case <-p.exited:
	case <-ctx.Done():
		return traffic{}, ctx.Err()
	}
	if !p.cmd.ProcessState.Success() {
		return traffic{}, errors.New("the bare loop failed: " + p.tail())
	}
	return h.wechat.traffic()
}
