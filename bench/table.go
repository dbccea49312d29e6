package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// table is everything measured in one run.
type table struct {
	order    []string
	readings map[string][]reading
	LeftOut  []string
	rounds   int
}

func newTable() *table { return &table{readings: map[string][]reading{}} }

// fill measures round by round, so that each row's rounds lie apart in time and a bad minute of the machine spoils one round of each, not one row.
func (t *table) fill(ctx context.Context, h *house, o options) error {
	t.rounds = o.Rounds
	asked := false
	for round := range o.Rounds {
		for _, m := range measures() {
			if !o.wanted(m.Name) {
				continue
			}
			asked = true
			if lacks := missing(m.Needs); len(lacks) > 0 {
				if round == 0 {
					t.LeftOut = append(t.LeftOut, fmt.Sprintf("%s: %s not installed", m.Name, strings.Join(lacks, ", ")))
				}
				continue
			}
			if m.Once && round > 0 {
				continue
			}
			began := time.Now()
			readings, err := m.Run(ctx, h)
			if err != nil {
				return fmt.Errorf("%s: %w", m.Name, err)
			}
			for _, r := range readings {
				if t.readings[r.Row] == nil {
					t.order = append(t.order, r.Row)
				}
				t.readings[r.Row] = append(t.readings[r.Row], r)
				fmt.Fprintf(os.Stderr, "round %d  %-16s %s  (%.0f s)\n", round+1, r.Row, amount(r.Figure, r.Unit), time.Since(began).Seconds())
			}
		}
	}
	if !asked {
		return fmt.Errorf("no row is named so; -list names them")
	}
	return nil
}

func (t *table) rows() []row {
	out := make([]row, 0, len(t.order))
	for _, name := range t.order {
		out = append(out, rowOf(t.readings[name]))
	}
	return out
}

// amount writes a figure with three digits or more and its unit.
func amount(v float64, unit string) string {
	digits := 0
	switch a := math.Abs(v); {
	case a != 0 && a < 10:
		digits = 2
	case a != 0 && a < 100:
		digits = 1
	}
	text := strconv.FormatFloat(v, 'f', digits, 64)
	if whole, rest, _ := strings.Cut(text, "."); rest == "" && len(whole) > 3 {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "," + whole[i:]
		}
		text = whole
	}
	if unit == "" || strings.HasPrefix(unit, "/") {
		return text + unit
	}
	return text + " " + unit
}

// words of a goal, such as "≥ 0.93 × ideal" or "≤ 2 s".
func (r row) goalWords() string {
	var words []string
	if r.Goal.MinRatio > 0 {
		words = append(words, fmt.Sprintf("≥ %v × %s", r.Goal.MinRatio, r.YardstickName))
	}
	if r.Goal.MaxRatio > 0 {
		words = append(words, fmt.Sprintf("≤ %v × %s", r.Goal.MaxRatio, r.YardstickName))
	}
	if r.Goal.MaxFigure > 0 {
		words = append(words, fmt.Sprintf("≤ %v %s", r.Goal.MaxFigure, r.Unit))
	}
	return strings.Join(words, ", ")
}

func (r row) reachedWord() string {
	if r.Reached {
		return "yes"
	}
	return "NO"
}

func (t *table) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nrow\tyardstick\tfigure\tratio\tgoal\treached")
	rows := t.rows()
	for _, r := range rows {
		yardstick, ratio := "-", "-"
		if r.Yardstick != 0 {
			yardstick, ratio = r.YardstickName+" "+amount(r.Yardstick, r.Unit), strconv.FormatFloat(r.Ratio, 'f', 3, 64)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Title, yardstick, amount(r.Figure, r.Unit), ratio, r.goalWords(), r.reachedWord())
	}
	_ = w.Flush() // the terminal is gone
	fmt.Fprintf(out, "\nBeside the rows, medians of %d round(s):\n", t.rounds)
	for _, r := range rows {
		var facts []string
		for _, f := range r.Facts {
			facts = append(facts, f.Name+" "+amount(f.Value, f.Unit))
		}
		if len(r.Figures) > 1 {
			var each []string
			for _, f := range r.Figures {
				each = append(each, amount(f, ""))
			}
			facts = append(facts, "rounds "+strings.Join(each, " "))
		}
		fmt.Fprintf(out, "  %-16s %s\n", r.Row, strings.Join(facts, "; "))
	}
	for _, l := range t.LeftOut {
		fmt.Fprintf(out, "******** LEFT OUT: %s\n", l)
	}
	fmt.Fprintf(out, "Load of the machine at the end: %.1f\n", loadAverage())
}

// writeJSON keeps the figures for later comparison.
func (t *table) writeJSON(path string, h *house) error {
	record := struct {
		MadeAt    string   `json:"made_at"`
		Commit    string   `json:"commit"`
		Processor string   `json:"processor"`
		Cores     string   `json:"cores"`
		Go        string   `json:"go"`
		Rounds    int      `json:"rounds"`
		Rows      []row    `json:"rows"`
		LeftOut   []string `json:"left_out,omitempty"`
	}{h.began.UTC().Format(time.RFC3339), commit(), processorName(), h.cores.String(), runtime.Version(), t.rounds, t.rows(), t.LeftOut}
	text, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
