// Command zhibu is the backend of 手机党支部, a WeChat mini-program for the Party branches of a learned society: one binary for everything.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"zhibu/config"
	"zhibu/model"
)

// version is stamped by the build.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "zhibu:", sentence(err))
		os.Exit(1)
	}
}

// sentence is an error as the person at the terminal should read it: of ours the sentence alone, with every fault of what was typed.
func sentence(err error) string {
	var own *model.Error
	if !errors.As(err, &own) {
		return err.Error()
	}
	lines := []string{own.Detail}
	for _, f := range own.Fields {
		if f.Detail != own.Detail {
			lines = append(lines, f.Detail)
		}
	}
	if own.Code == model.CodeInternal && own.Cause != nil {
		lines = append(lines, own.Cause.Error())
	}
	return strings.Join(lines, "\n")
}

// commands is the command line. Each leaf has a run method in the file of its name.
type commands struct {
	Serve   serveCommand   `cmd:"" default:"withargs" help:"Serve the API; the default."`
	Migrate migrateCommand `cmd:"" help:"Bring the database to this program's version."`
	Reindex reindexCommand `cmd:"" help:"Write the full-text index anew, while the program runs."`
	Admin   struct {
		Create adminCommand `cmd:"" help:"Create an account that may do everything; the password is read from standard input."`

		ResetFactor resetFactorCommand `cmd:"" name:"reset-factor" help:"Take an account's second factor away when phone and recovery codes are lost; the next sign-in sets one up again."`
	} `cmd:"" help:"Accounts of the console."`
	Import struct {
		Roster   rosterCommand   `cmd:"" help:"Import a roster (.xlsx or .csv) into an organisation."`
		Articles articlesCommand `cmd:"" help:"Make drafts of a folder of Markdown or HTML files."`
		Feed     feedCommand     `cmd:"" help:"Make drafts of an RSS or Atom feed's entries."`
	} `cmd:"" help:"Bring data in."`
	Backup  backupCommand  `cmd:"" help:"Write the database and the attachments to a file, while the program runs, and prove that it can be read."`
	Restore restoreCommand `cmd:"" help:"Restore a backup into an empty data directory and database, or only look whether it could be (--check)."`
	Doctor  doctorCommand  `cmd:"" help:"Check settings, database, Redis and WeChat credentials, and say what to mend."`
	Health  healthCommand  `cmd:"" help:"Ask a running program on this machine whether it is alive; for container health checks."`
	OpenAPI openapiCommand `cmd:"" name:"openapi" help:"Print the reference of the API (OpenAPI 3.1), from which clients are generated."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// world is what a command may touch of the outside.
type world struct {
	ctx    context.Context
	cfg    config.Config
	getenv func(string) string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

// run is the whole program: it parses the command line, reads the settings, and returns when the command is done or ctx ends.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	var cmd commands
	exited := false
	parser, err := kong.New(&cmd, kong.Name("zhibu"), kong.Description("手机党支部: the backend of a WeChat mini-program for Party branches of a learned society.\nSettings are environment variables named ZHIBU_…; see the README."),
		kong.Writers(stdout, stderr), kong.Exit(func(int) { exited = true }))
	if err != nil {
		return err
	}
	chosen, err := parser.Parse(args)
	if exited { // --help has been printed
		return nil
	}
	if err != nil {
		return err
	}
	cfg, err := config.Load(getenv)
	if err != nil && chosen.Command() != "version" && chosen.Command() != "doctor" {
		return fmt.Errorf("mend these settings and start again:\n%w", err)
	}
	if getenv("GOMAXPROCS") == "" && runtime.GOMAXPROCS(0) == 1 {
		// On a single core a long statement of the embedded database would keep answers from the network waiting; the kernel shares the core better.
		runtime.GOMAXPROCS(2)
	}
	w := &world{ctx: ctx, cfg: cfg, getenv: getenv, stdin: stdin, stdout: stdout, stderr: stderr}
	if err := chosen.Run(w); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(w *world) error {
	_, err := fmt.Fprintln(w.stdout, "zhibu", version)
	return err
}
