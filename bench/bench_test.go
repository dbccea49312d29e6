package main

import (
	"encoding/xml"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		in   []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := median(c.in); got != c.want {
			t.Errorf("median of %v is %v, not %v", c.in, got, c.want)
		}
	}
	if !math.IsNaN(median(nil)) {
		t.Error("nothing has a median")
	}
}

func TestRowTakesTheMedianOfTheRoundsRatios(t *testing.T) {
	r := rowOf([]reading{
		{Row: "a", Figure: 10, Yardstick: 10, Goal: atLeast(0.95), Facts: []fact{{"f", 1, ""}}},
		{Row: "a", Figure: 9, Yardstick: 10, Goal: atLeast(0.95), Facts: []fact{{"f", 5, ""}}},
		{Row: "a", Figure: 48, Yardstick: 50, Goal: atLeast(0.95), Facts: []fact{{"f", 2, ""}}}, // a faster minute of the machine
	})
	if r.Ratio != 0.96 || !r.Reached || r.Figure != 10 || r.Facts[0].Value != 2 {
		t.Errorf("got %+v", r)
	}
}

func TestGoals(t *testing.T) {
	for _, c := range []struct {
		goal          goal
		figure, ratio float64
		want          bool
	}{
		{atLeast(0.93), 1, 0.93, true}, {atLeast(0.93), 1, 0.929, false},
		{atMost(2), 2, 0, true}, {atMost(2), 2.01, 0, false},
		{goal{MaxRatio: 2, MaxFigure: 20}, 19, 1.9, true}, {goal{MaxRatio: 2, MaxFigure: 20}, 21, 1.9, false}, {goal{MaxRatio: 2, MaxFigure: 20}, 19, 2.1, false},
	} {
		if got := c.goal.reached(c.figure, c.ratio); got != c.want {
			t.Errorf("%+v with %v and %v: %v", c.goal, c.figure, c.ratio, got)
		}
		r := row{Goal: c.goal, Figure: c.figure, Ratio: c.ratio}
		if more := c.goal.MinRatio > 0; (r.score() >= 1) != (c.want == more) && r.score() != 1 {
			t.Errorf("%+v with %v and %v is drawn on the wrong side of the line: %v", c.goal, c.figure, c.ratio, r.score())
		}
	}
}

func TestAmounts(t *testing.T) {
	for _, c := range []struct {
		v          float64
		unit, want string
	}{{3912.4, "/s", "3,912/s"}, {1234567, "", "1,234,567"}, {0.934, "", "0.93"}, {52.26, "ms", "52.3 ms"}, {0, "s", "0 s"}, {999, "MB", "999 MB"}} {
		if got := amount(c.v, c.unit); got != c.want {
			t.Errorf("%v %q is written %q, not %q", c.v, c.unit, got, c.want)
		}
	}
}

// A run that starts slowly is judged by its middle: 1,000/s for four seconds, with a straggler on either side.
func TestTrafficLeavesOutTheEnds(t *testing.T) {
	began := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	f := &fake{asked: map[string]int{}}
	for i := range 4000 {
		f.arrivals = append(f.arrivals, began.Add(3*time.Second+time.Duration(i)*time.Millisecond))
	}
	f.arrivals = append(f.arrivals, began.Add(2*time.Second), began.Add(8*time.Second))
	got := f.traffic()
	if got.Sends != 4002 || got.Span != 6 || got.Rate != 1000 {
		t.Errorf("got %+v", got)
	}
	f.arrivals = f.arrivals[1:2002] // sorted by now
	if got := f.traffic(); got.Span != 2 || got.Rate != 1000 {
		t.Errorf("of a short run %+v", got)
	}
	if none := (&fake{}).traffic(); none.Rate != 0 {
		t.Errorf("nothing came, yet %+v", none)
	}
}

func TestFakeAnswersAfterItsDelayAndRemembersForWhom(t *testing.T) {
	f := &fake{delay: 20 * time.Millisecond, asked: map[string]int{}}
	s := httptest.NewServer(f)
	defer s.Close()
	for range 2 {
		began := time.Now()
		if err := post(http.DefaultClient, s.URL+"/cgi-bin/message/subscribe/send", card(7)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < f.delay {
			t.Errorf("answered after %v", took)
		}
	}
	w := &wechat{url: s.URL}
	got, err := w.traffic()
	if err != nil || got.Sends != 2 || got.Persons != 1 || got.Most != 1 || got.Held < 20 {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := w.reset(); err != nil {
		t.Fatal(err)
	}
	if got, err := w.traffic(); err != nil || got.Sends != 0 || got.Persons != 0 {
		t.Errorf("after a reset %+v, %v", got, err)
	}
}

func TestChartIsWellFormedAndSaysWhatWasMissed(t *testing.T) {
	rows := []row{
		{Title: "sent <fast> & sure", Unit: "/s", Figure: 3800, Yardstick: 4000, YardstickName: "ideal", Ratio: 0.95, Goal: atLeast(0.93), Reached: true},
		{Title: "planned", Unit: "s", Figure: 40, Goal: atMost(2)},
	}
	picture := draw(rows, strings.Repeat("a long foot ", 30))
	d := xml.NewDecoder(strings.NewReader(picture))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"3,800/s = 0.95 × ideal", "goal ≥ 0.93 × ideal: reached", "goal ≤ 2 s: missed", colourBad, "sent &lt;fast&gt; &amp; sure"} {
		if !strings.Contains(picture, want) {
			t.Errorf("the chart lacks %q", want)
		}
	}
}

func TestOptionsChooseRowsAndSizes(t *testing.T) {
	o, _, err := parse([]string{"-row", "send,plan-mysql", "-n", "500"})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, m := range measures() {
		if o.wanted(m.Name) {
			got += m.Name + " "
		}
	}
	if got != "send-sqlite send-mysql plan-mysql " || o.size(40_000) != 500 {
		t.Errorf("got %s and %d", got, o.size(40_000))
	}
	if _, _, err := parse([]string{"stray"}); err == nil {
		t.Error("a stray argument passes")
	}
}

func TestEveryMeasureHasANameOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range measures() {
		if seen[m.Name] || m.Name == "" || m.About == "" {
			t.Errorf("measure %q", m.Name)
		}
		seen[m.Name] = true
	}
}
