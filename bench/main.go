// Command bench measures the program against yardsticks: the real binary in processes of its own, on one core, with the load and the fake
// WeChat on the others. It knows the program by its commands, its HTTP and its tables, and imports nothing of it. It needs Linux.
//
//	go run -C bench .                                       every row, three rounds
//	go run -C bench . -row send-sqlite -n 20000 -rounds 1   one row, quickly
//	go run -C bench . -list                                 the names of the rows
//	go run -C bench . -smoke                                every row in seconds, to see that it runs
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// families are the groups of rows, each with its own record and chart in docs/bench. A new group is a file of measures and a line here.
func families() []family {
	return []family{
		{"push", slices.Concat(sendMeasures(), planMeasures(), memoryMeasures(), readMeasures())},
		{"content", slices.Concat(hotMeasures(), listMeasures(), writeMeasures(), searchMeasures())},
	}
}

// measures are those of all families.
func measures() []measure {
	var all []measure
	for _, f := range families() {
		all = append(all, f.Measures...)
	}
	return all
}

func main() {
	if len(os.Args) > 1 {
		if part, ok := parts[os.Args[1]]; ok {
			exit(part(os.Args[2:]))
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	exit(run(ctx, os.Args[1:], os.Stdout))
}

// parts are what this binary does in the processes that it starts of itself.
var parts = map[string]func(args []string) error{
	"part-wechat": serveWechat,
	"part-loop":   runLoop,
	"part-bytes":  serveBytes,
	"part-plain":  servePlain,
}

func exit(err error) {
	if err == nil {
		os.Exit(0)
	}
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

// options are the command line.
type options struct {
	Rows    []string // the beginnings of the names of the measures; none is all
	N       int      // recipients of a sending row; 0 is the row's own size
	Rounds  int
	Smoke   bool
	Long    bool   // the rows that take minutes, too
	Keep    bool   // leave the temporary folder
	Out     string // the folder for figures and charts
	Profile string // the folder for profiles of the program while it is measured
	Binary  string // a built program, instead of building it
}

func parse(args []string) (options, bool, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	rows := flags.String("row", "", "measure only the rows whose names begin so; several with commas")
	flags.IntVar(&o.N, "n", 0, "recipients, instead of each row's own size")
	flags.IntVar(&o.Rounds, "rounds", 3, "rounds, of which the medians are taken")
	flags.BoolVar(&o.Smoke, "smoke", false, "small sizes and one round: shows only that it runs")
	flags.BoolVar(&o.Long, "long", os.Getenv("BENCH_LONG") == "1", "with the million recipients (also BENCH_LONG=1)")
	flags.BoolVar(&o.Keep, "keep", false, "leave the temporary folder with databases and logs")
	flags.StringVar(&o.Out, "out", "", "write the figures of each family as JSON and as a chart into this folder")
	flags.StringVar(&o.Profile, "profile", "", "write profiles of the program under the content rows into this folder; they cost a little")
	flags.StringVar(&o.Binary, "binary", "", "measure this program instead of building it from the folder above")
	list := flags.Bool("list", false, "list the rows")
	if err := flags.Parse(args); err != nil {
		return o, false, err
	}
	if flags.NArg() > 0 {
		return o, false, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	if *rows != "" {
		o.Rows = strings.Split(*rows, ",")
	}
	if o.Smoke {
		o.Rounds = 1
	}
	o.Rounds = max(o.Rounds, 1)
	return o, *list, nil
}

// wanted reports whether the command line asks for a measure.
func (o options) wanted(name string) bool {
	for _, r := range o.Rows {
		if strings.HasPrefix(name, r) {
			return true
		}
	}
	return len(o.Rows) == 0
}

// size is how many recipients a row has: the command line's, a few in a smoke run, else its own.
func (o options) size(own int) int {
	switch {
	case o.N > 0:
		return o.N
	case o.Smoke:
		return 700 // more than what a push writes at once, so that the chunks run too
	}
	return own
}

// span is how long something is measured, hardly at all in a smoke run.
func (o options) span(own time.Duration) time.Duration {
	if o.Smoke {
		return min(own, 300*time.Millisecond)
	}
	return own
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	o, list, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if list {
		for _, m := range measures() {
			fmt.Fprintf(out, "%-14s %s\n", m.Name, m.About)
		}
		return nil
	}
	h, err := openHouse(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	fmt.Fprintln(out, h.machine)
	t := newTable()
	if err := t.fill(ctx, h, o); err != nil {
		return err
	}
	t.print(out)
	return t.write(o.Out, h)
}
