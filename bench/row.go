package main

import (
	"context"
	"math"
	"slices"
)

// family is a group of measures that is recorded and drawn together.
type family struct {
	Name     string
	Measures []measure
}

// measure makes the readings of one or more rows of the table, once a round.
type measure struct {
	Name  string
	About string
	Needs []string // servers that must be installed: mariadb, redis
	Once  bool     // in the first round alone: long, and hardly scattered
	Run   func(ctx context.Context, h *house) ([]reading, error)
}

// reading is one row's figures of one round.
type reading struct {
	Row           string
	Title         string
	Unit          string
	Figure        float64
	Yardstick     float64 // what the figure is divided by; 0 where the goal is a number of its own
	YardstickName string
	Goal          goal
	Facts         []fact
}

// fact is a figure told beside a row.
type fact struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit,omitempty"`
}

// goal is a bound on the ratio, on the figure, or on both.
type goal struct {
	MinRatio  float64 `json:"min_ratio,omitempty"`
	MaxRatio  float64 `json:"max_ratio,omitempty"`
	MaxFigure float64 `json:"max_figure,omitempty"`
}

func atLeast(ratio float64) goal { return goal{MinRatio: ratio} }
func atMost(figure float64) goal { return goal{MaxFigure: figure} }

// reached reports whether a figure and its ratio keep every bound.
func (g goal) reached(figure, ratio float64) bool {
	return ratio >= g.MinRatio && (g.MaxRatio == 0 || ratio <= g.MaxRatio) && (g.MaxFigure == 0 || figure <= g.MaxFigure)
}

func (r reading) ratio() float64 {
	if r.Yardstick == 0 {
		return 0
	}
	return r.Figure / r.Yardstick
}

// median of the figures; of an even number the mean of the middle two.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(values))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// row is the medians of a row's rounds. The ratio is the median of the rounds' own ratios, each of two figures measured one after the other.
type row struct {
	Row           string    `json:"row"`
	Title         string    `json:"title"`
	Unit          string    `json:"unit"`
	Figure        float64   `json:"figure"`
	Yardstick     float64   `json:"yardstick,omitempty"`
	YardstickName string    `json:"yardstick_name,omitempty"`
	Ratio         float64   `json:"ratio,omitempty"`
	Goal          goal      `json:"goal"`
	Reached       bool      `json:"reached"`
	Facts         []fact    `json:"facts,omitempty"`
	Figures       []float64 `json:"figures"` // of each round
	Ratios        []float64 `json:"ratios,omitempty"`
}

func rowOf(readings []reading) row {
	first := readings[0]
	r := row{Row: first.Row, Title: first.Title, Unit: first.Unit, YardstickName: first.YardstickName, Goal: first.Goal}
	var yards []float64
	for _, x := range readings {
		r.Figures, yards = append(r.Figures, x.Figure), append(yards, x.Yardstick)
		if x.Yardstick != 0 {
			r.Ratios = append(r.Ratios, x.ratio())
		}
	}
	r.Figure, r.Yardstick = median(r.Figures), median(yards)
	if len(r.Ratios) > 0 {
		r.Ratio = median(r.Ratios)
	}
	for i, f := range first.Facts {
		var values []float64
		for _, x := range readings {
			values = append(values, x.Facts[i].Value)
		}
		r.Facts = append(r.Facts, fact{f.Name, median(values), f.Unit})
	}
	r.Reached = r.Goal.reached(r.Figure, r.Ratio)
	return r
}
