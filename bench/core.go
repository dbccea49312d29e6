package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// cores says which processor cores do what. What is measured has one to itself; the load, the fake WeChat and the databases' servers share the rest.
type cores struct {
	server, load, all []int
}

// readCores shares out the cores this process may use.
func readCores() (cores, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return cores{}, fmt.Errorf("which cores there are: %w", err)
	}
	var c cores
	for i := range len(set) * 64 {
		if set.IsSet(i) {
			c.all = append(c.all, i)
		}
	}
	c.server, c.load = c.all[:1], c.all[1:]
	if len(c.load) == 0 {
		c.load = c.server
	}
	return c, nil
}

func setOf(cores []int) *unix.CPUSet {
	var set unix.CPUSet
	for _, c := range cores {
		set.Set(c)
	}
	return &set
}

// pinSelf moves this process to the cores of the load.
func (c cores) pinSelf() error {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, t := range tasks {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(id, setOf(c.load)); err != nil && err != unix.ESRCH { // a thread may have ended
			return fmt.Errorf("move to cores %v: %w", c.load, err)
		}
	}
	runtime.GOMAXPROCS(len(c.load))
	return nil
}

// startOn starts a process on these cores alone: it inherits them from the thread that starts it, so that not one of its threads ever runs elsewhere.
func (c cores) startOn(cmd *exec.Cmd, on []int) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.SchedSetaffinity(0, setOf(on)); err != nil {
		return fmt.Errorf("move to cores %v: %w", on, err)
	}
	err := cmd.Start()
	if back := unix.SchedSetaffinity(0, setOf(c.load)); err == nil && back != nil {
		return fmt.Errorf("move back to cores %v: %w", c.load, back)
	}
	return err
}

// String names the cores for the head of the table.
func (c cores) String() string {
	if len(c.all) == 1 {
		return "ONE core: the server and the load share it, so every ratio is worse than it would be apart"
	}
	return fmt.Sprintf("server on core %d, load, fake WeChat and database servers on %s", c.server[0], strings.Trim(fmt.Sprint(c.load), "[]"))
}

// processorName is the model of the processor, for the record.
func processorName() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // without it the record says nothing
	for line := range strings.SplitSeq(string(text), "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// loadAverage is how busy the machine has been in the last minute: on a shared one a figure means little without it.
func loadAverage() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	n, _ := strconv.ParseFloat(first, 64)
	return n
}
