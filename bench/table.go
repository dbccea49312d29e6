package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// table is everything measured in one run.
type table struct {
	order    []string             // the rows as they came
	measured map[string]string    // row → measure
	readings map[string][]reading // by row
	LeftOut  []string
	rounds   int
}

func newTable() *table {
	return &table{readings: map[string][]reading{}, measured: map[string]string{}}
}

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
				t.measured[r.Row] = m.Name
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

// rowsOf are the rows that a family's measures have made.
func (t *table) rowsOf(f family) []row {
	return slices.DeleteFunc(t.rows(), func(r row) bool {
		return !slices.ContainsFunc(f.Measures, func(m measure) bool { return m.Name == t.measured[r.Row] })
	})
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

// write records and draws each family that was measured, in a folder; nowhere when none is named.
func (t *table) write(folder string, h *house) error {
	if folder == "" {
		return nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, f := range families() {
		rows := t.rowsOf(f)
		if len(rows) == 0 {
			continue
		}
		text, err := t.record(rows, h)
		if err != nil {
			return err
		}
		foot := fmt.Sprintf("%s · %s · medians of %d round(s) · %s", h.began.UTC().Format(time.DateOnly), commit(), t.rounds, h.machine)
		name := filepath.Join(folder, f.Name)
		if err := errors.Join(os.WriteFile(name+".json", text, 0o644), os.WriteFile(name+".svg", []byte(draw(rows, foot)), 0o644)); err != nil {
			return err
		}
	}
	return nil
}

// record is the JSON of a family's rows, for later comparison.
func (t *table) record(rows []row, h *house) ([]byte, error) {
	text, err := json.MarshalIndent(struct {
		MadeAt  string   `json:"made_at"`
		Commit  string   `json:"commit"`
		Machine string   `json:"machine"`
		Go      string   `json:"go"`
		Rounds  int      `json:"rounds"`
		Rows    []row    `json:"rows"`
		LeftOut []string `json:"left_out,omitempty"`
	}{h.began.UTC().Format(time.RFC3339), commit(), h.machine, runtime.Version(), t.rounds, rows, t.LeftOut}, "", "  ")
	return append(text, '\n'), err
}
