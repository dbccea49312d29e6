package main

import (
	"fmt"
	"html"
	"strings"
)

// The chart's measures, in pixels. All goals lie on one vertical line, so that one look tells which bars are on its right side.
const (
	chartWidth  = 940
	chartLeft   = 24
	chartGoal   = 420 // where the goal is
	chartEnd    = 600 // where a bar is cut that would be longer
	chartValues = 620
	chartRow    = 44
)

const (
	colourGood = "#2e7d4f"
	colourBad  = "#b3261e"
	colourText = "#1f2328"
	colourDim  = "#59636e"
	colourLine = "#d1d9e0"
)

// score is the figure as a part of the goal's bound: 1 is exactly the goal. Of two bounds the one that is nearer to being missed counts.
func (r row) score() float64 {
	s := 0.0
	if r.Goal.MinRatio > 0 {
		s = r.Ratio / r.Goal.MinRatio
	}
	if r.Goal.MaxRatio > 0 {
		s = max(s, r.Ratio/r.Goal.MaxRatio)
	}
	if r.Goal.MaxFigure > 0 {
		s = max(s, r.Figure/r.Goal.MaxFigure)
	}
	return s
}

// draw makes the picture: first what must reach the line, then what must stay before it.
func draw(rows []row, foot string) string {
	var b strings.Builder
	y := 24
	text := func(x, y, size int, colour, weight, s string) {
		fmt.Fprintf(&b, `<text x="%d" y="%d" font-size="%d" fill="%s" font-weight="%s">%s</text>`+"\n", x, y, size, colour, weight, html.EscapeString(s))
	}
	section := func(title string, in func(row) bool) {
		var part []row
		for _, r := range rows {
			if in(r) {
				part = append(part, r)
			}
		}
		if len(part) == 0 {
			return
		}
		y += 22
		text(chartLeft, y, 16, colourText, "600", title)
		y += 14
		top := y
		for _, r := range part {
			drawRow(&b, text, r, y)
			y += chartRow
		}
		fmt.Fprintf(&b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s" stroke-width="2" stroke-dasharray="4 3"/>`+"\n", chartGoal, top+18, chartGoal, y, colourText)
		text(chartGoal-14, y+14, 11, colourText, "400", "goal")
		y += 26
	}
	section("More is better: the bar must reach the line", func(r row) bool { return r.Goal.MinRatio > 0 })
	section("Less is better: the bar must end before the line", func(r row) bool { return r.Goal.MinRatio == 0 })
	for _, line := range wrapped(foot, 140) {
		text(chartLeft, y+12, 11, colourDim, "400", line)
		y += 16
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" font-family="'Noto Sans', 'Noto Sans CJK SC', 'Segoe UI', Helvetica, Arial, sans-serif">`+"\n"+
		`<rect width="100%%" height="100%%" fill="#ffffff"/>`+"\n", chartWidth, y+16) + b.String() + "</svg>\n"
}

func drawRow(b *strings.Builder, text func(x, y, size int, colour, weight, s string), r row, y int) {
	colour, word := colourGood, "reached"
	if !r.Reached {
		colour, word = colourBad, "missed"
	}
	length := r.score() * (chartGoal - chartLeft)
	cut := length > chartEnd-chartLeft
	length = max(min(length, chartEnd-chartLeft), 2)
	text(chartLeft, y+14, 13, colourText, "400", r.Title)
	fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="16" fill="%s" fill-opacity="0.35"/>`+"\n", chartLeft, y+20, chartEnd-chartLeft, colourLine)
	fmt.Fprintf(b, `<rect x="%d" y="%d" width="%.0f" height="16" fill="%s"/>`+"\n", chartLeft, y+20, length, colour)
	if cut { // the bar goes on: a white stroke across it says so
		fmt.Fprintf(b, `<path d="M%d %d l6 -20 l5 0 l-6 20 z" fill="#ffffff"/>`+"\n", chartEnd-24, y+38)
	}
	value := amount(r.Figure, r.Unit)
	if r.Yardstick != 0 {
		value += fmt.Sprintf(" = %.2f × %s", r.Ratio, r.YardstickName)
	}
	text(chartValues, y+25, 13, colour, "600", value)
	text(chartValues, y+40, 11, colourDim, "400", "goal "+r.goalWords()+": "+word)
}

// wrapped breaks a long line between words.
func wrapped(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}
