package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestAnswersAreReadToTheirEnd(t *testing.T) {
	wire := bufio.NewReader(strings.NewReader("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" +
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n" +
		"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 4\r\n\r\nslow" +
		"HTTP/1.1 204 No Content\r\n\r\n"))
	for _, want := range []struct {
		status, length int
		body           string
	}{{200, 5, ""}, {200, 7, ""}, {429, 4, "slow"}, {204, 0, ""}} {
		status, length, body, err := readAnswer(wire)
		if err != nil || status != want.status || length != want.length || string(body) != want.body {
			t.Fatalf("read %d, %d bytes, %q, %v instead of %+v", status, length, body, err, want)
		}
	}
	if _, _, _, err := readAnswer(wire); err != io.EOF {
		t.Errorf("behind the last answer: %v", err)
	}
}

func TestStreamCountsAnswersAndRefusesWrongOnes(t *testing.T) {
	status := http.StatusOK
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(status)
		fmt.Fprint(w, "0123456789")
	}))
	defer s.Close()
	ask := request(http.MethodGet, "/", "t", "")
	asked := &stream{address: s.Listener.Addr().String(), want: http.StatusOK, length: 10, next: func(int) []byte { return ask }}
	v, err := asked.run(context.Background(), 50*time.Millisecond)
	if err != nil || v.answers < connections || v.rate() <= 0 || int64(v.answers) != asked.made.Load() {
		t.Errorf("%+v of %d, %v", v, asked.made.Load(), err)
	}
	asked.length = 9
	if _, err := asked.run(context.Background(), 10*time.Millisecond); err == nil {
		t.Error("an answer of another length passes")
	}
	asked.length, status = 0, http.StatusServiceUnavailable
	if _, err := asked.run(context.Background(), 10*time.Millisecond); err == nil {
		t.Error("a failure passes")
	}
}

func TestCursorsAreTheProgramsOwnAtAnotherPlace(t *testing.T) {
	at, err := cursorAt(base64.RawURLEncoding.EncodeToString([]byte(`{"l":"feed","k":{"Pinned":false,"At":1700000000000,"ID":"x"}}`)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := base64.RawURLEncoding.DecodeString(at(42))
	if want := `{"l":"feed","k":{"Pinned":false,"At":42,"ID":"` + lowestID + `"}}`; err != nil || string(text) != want {
		t.Errorf("got %s, %v", text, err)
	}
	for _, strange := range []string{"", "***", base64.RawURLEncoding.EncodeToString([]byte(`{"l":"feed","k":{"offset":20}}`))} {
		if _, err := cursorAt(strange); err == nil {
			t.Errorf("%q passes for a cursor", strange)
		}
	}
}

func TestProseIsChineseOfTheWantedSizeAndHoldsWhatIsSought(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	words := vocabulary(dice)
	var all strings.Builder
	for range 20 {
		text := prose(dice, words, textBytes)
		if len(text) < textBytes || len(text) > textBytes+40 || !utf8.ValidString(text) {
			t.Fatalf("%d bytes", len(text))
		}
		all.WriteString(text)
	}
	for _, s := range sought()[:3] {
		for _, w := range s.words {
			if !strings.Contains(all.String(), w) {
				t.Errorf("nobody finds %s", w)
			}
		}
	}
	for _, w := range sought()[5].words {
		if strings.Contains(all.String(), w) {
			t.Errorf("%s is found", w)
		}
	}
}

func TestPlacesLieAmongTheArticles(t *testing.T) {
	lib := library{Articles: 700, First: time.UnixMilli(1_000_000)}
	from := lib.places()
	seen := map[int64]bool{}
	for range 1000 {
		at := from.next()
		seen[at] = true
		if at < 1_000_000+20_000 || at > 1_000_000+700_000 {
			t.Fatalf("%d is outside", at)
		}
	}
	if len(seen) < 990 {
		t.Errorf("only %d places of 1000 differ", len(seen))
	}
}

// The fake's answers are what the program's door and the plain server read.
func TestFakeSignsInAndPassesTexts(t *testing.T) {
	s := httptest.NewServer(&fake{asked: map[string]int{}})
	defer s.Close()
	p := &plain{wechat: s.URL, client: s.Client()}
	if id, err := p.login(context.Background(), openIDOf(3)); err != nil || id != openIDOf(3) {
		t.Errorf("got %q, %v", id, err)
	}
	res, err := http.Post(s.URL+"/wxa/msg_sec_check", "application/json", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var out struct{ Result struct{ Suggest string } }
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil || out.Result.Suggest != "pass" {
		t.Errorf("got %+v, %v", out, err)
	}
}
