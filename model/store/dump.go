package store

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Contents is what a dump holds: of which version of the database it is, and how many rows each table has.
type Contents struct {
	Version int64
	Rows    map[string]int64
}

// Where a dump's rows come together to one statement.
const (
	loadRows  = 200
	loadBytes = 1 << 20
)

// Dump writes every row of every table of MySQL as it stands at one moment, while the program runs. A table is a line with the names of its columns and
// then a line for each row, in JSON. Out of nothing but these and the program's own migrations Load makes the database again.
func (s *Store) Dump(ctx context.Context, open func(table string) (io.Writer, error)) (_ Contents, err error) {
	c := Contents{Rows: map[string]int64{}}
	if s.dialect != MySQL {
		return c, errors.New("dump: the embedded database is copied by Snapshot")
	}
	if c.Version, _, err = s.Version(ctx); err != nil {
		return c, err
	}
	conn, err := s.pools[0].Conn(ctx)
	if err != nil {
		return c, fault(err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	for _, statement := range []string{"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION WITH CONSISTENT SNAPSHOT"} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return c, fault(err)
		}
	}
	defer func() {
		_, end := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // nothing was written
		err = errors.Join(err, end)
	}()
	tables, err := tablesOf(ctx, conn)
	if err != nil {
		return c, err
	}
	for _, table := range tables {
		w, err := open(table)
		if err != nil {
			return c, err
		}
		if c.Rows[table], err = dumpTable(ctx, conn, table, w); err != nil {
			return c, fmt.Errorf("%s: %w", table, err)
		}
	}
	return c, nil
}

// tablesOf are the tables but those of the migrations themselves.
func tablesOf(ctx context.Context, conn *sql.Conn) (tables []string, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'goose\_%' ORDER BY table_name`)
	if err != nil {
		return nil, fault(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		tables = append(tables, name)
	}
	return tables, fault(rows.Err())
}

func dumpTable(ctx context.Context, conn *sql.Conn, table string, to io.Writer) (n int64, err error) {
	rows, err := conn.QueryContext(ctx, "SELECT * FROM `"+table+"`") //nolint:gosec // the name comes from the schema
	if err != nil {
		return 0, fault(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.ColumnTypes()
	if err != nil {
		return 0, fault(err)
	}
	names, bytes, cells := make([]string, len(columns)), make([]bool, len(columns)), make([]any, len(columns))
	for i, c := range columns {
		kind := c.DatabaseTypeName()
		names[i], bytes[i], cells[i] = c.Name(), strings.Contains(kind, "BLOB") || strings.Contains(kind, "BINARY"), new(any)
	}
	out := json.NewEncoder(to)
	out.SetEscapeHTML(false)
	if err := out.Encode(names); err != nil {
		return 0, err
	}
	line := make([]*string, len(columns))
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return n, err
		}
		for i, cell := range cells {
			if line[i], err = written(*cell.(*any), bytes[i]); err != nil {
				return n, fmt.Errorf("%s: %w", names[i], err)
			}
		}
		if err := out.Encode(line); err != nil {
			return n, err
		}
		n++
	}
	return n, fault(rows.Err())
}

// written is a value as MySQL reads it again; bytes go in base64.
func written(v any, isBytes bool) (*string, error) {
	var text string
	switch v := v.(type) {
	case nil:
		return nil, nil
	case time.Time:
		text = v.UTC().Format("2006-01-02 15:04:05.000000")
	case []byte:
		text = string(v)
	case string:
		text = v
	case int64:
		text = strconv.FormatInt(v, 10)
	case uint64:
		text = strconv.FormatUint(v, 10)
	default:
		return nil, fmt.Errorf("a value of type %T is not known to the backup", v)
	}
	if isBytes {
		text = base64.StdEncoding.EncodeToString([]byte(text))
	}
	return &text, nil
}

// ReadDump reads one table of a dump and hands out its rows; it is how a backup is checked without a database.
func ReadDump(from io.Reader, columns func(names []string) error, row func(values []*string) error) error {
	in := json.NewDecoder(bufio.NewReaderSize(from, 64<<10))
	var names []string
	if err := in.Decode(&names); err != nil {
		return fmt.Errorf("read the columns: %w", err)
	}
	if err := columns(names); err != nil {
		return err
	}
	for {
		var line []*string
		err := in.Decode(&line)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && len(line) != len(names) {
			err = fmt.Errorf("%d values for %d columns", len(line), len(names))
		}
		if err != nil {
			return fmt.Errorf("read a row: %w", err)
		}
		if err := row(line); err != nil {
			return err
		}
	}
}

// Empty reports whether the database holds no table of ours.
func (s *Store) Empty(ctx context.Context) (_ bool, err error) {
	if s.dialect != MySQL {
		columns, err := s.TextColumns(ctx)
		return len(columns) == 0, err
	}
	conn, err := s.pools[0].Conn(ctx)
	if err != nil {
		return false, fault(err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	tables, err := tablesOf(ctx, conn)
	return len(tables) == 0, err
}

// Load fills an empty MySQL database from a dump: it brings it to the dump's version, puts the rows in, and holds that every table has as many as
// the dump says. What has changed in the program since is then a matter of Migrate.
func (s *Store) Load(ctx context.Context, c Contents, open func(table string) (io.ReadCloser, error)) (err error) {
	if empty, err := s.Empty(ctx); err != nil || !empty || s.dialect != MySQL {
		return errors.Join(err, errors.New("the database is not empty, or not MySQL"))
	}
	p, done, err := s.migrator()
	if err != nil {
		return err
	}
	_, err = p.UpTo(ctx, c.Version)
	done()
	if err != nil {
		return fmt.Errorf("make the tables: %w", err)
	}
	conn, err := s.pools[0].Conn(ctx)
	if err != nil {
		return fault(err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	tables, err := tablesOf(ctx, conn)
	if err != nil {
		return err
	}
	for table := range c.Rows {
		if !slices.Contains(tables, table) {
			return fmt.Errorf("%s: the backup has a table that version %d does not have", table, c.Version)
		}
	}
	for _, table := range tables {
		if err := s.loadTable(ctx, conn, table, c.Rows[table], open); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}

func (s *Store) loadTable(ctx context.Context, conn *sql.Conn, table string, want int64, open func(table string) (io.ReadCloser, error)) (err error) {
	if _, err := conn.ExecContext(ctx, "DELETE FROM `"+table+"`"); err != nil { //nolint:gosec // the name comes from the schema
		return fault(err) // what a migration itself has put there is in the dump, too
	}
	in, err := open(table)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	l := loader{conn: conn, table: table}
	err = ReadDump(in, func(names []string) error { return l.columns(ctx, names) }, func(values []*string) error { return l.add(ctx, values) })
	if err = errors.Join(err, l.flush(ctx)); err != nil {
		return err
	}
	var n int64
	if err := conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM `"+table+"`").Scan(&n); err != nil { //nolint:gosec // the name comes from the schema
		return fault(err)
	}
	if n != want {
		return fmt.Errorf("%d rows are there, and the backup says %d", n, want)
	}
	return nil
}

// loader gathers rows to statements.
type loader struct {
	conn        *sql.Conn
	table, into string
	bytes       []bool
	args        []any
	rows, size  int
}

func (l *loader) columns(ctx context.Context, names []string) (err error) {
	for _, name := range names {
		if strings.ContainsAny(name, "`\\") {
			return fmt.Errorf("%q is no name of a column", name)
		}
	}
	l.into = "INSERT INTO `" + l.table + "` (`" + strings.Join(names, "`, `") + "`) VALUES "
	rows, err := l.conn.QueryContext(ctx, "SELECT `"+strings.Join(names, "`, `")+"` FROM `"+l.table+"` LIMIT 0") //nolint:gosec // names were looked at
	if err != nil {
		return fault(err)
	}
	defer func() { err = errors.Join(err, rows.Err(), rows.Close()) }()
	kinds, err := rows.ColumnTypes()
	for _, k := range kinds {
		l.bytes = append(l.bytes, strings.Contains(k.DatabaseTypeName(), "BLOB") || strings.Contains(k.DatabaseTypeName(), "BINARY"))
	}
	return err
}

func (l *loader) add(ctx context.Context, values []*string) error {
	for i, v := range values {
		switch {
		case v == nil:
			l.args = append(l.args, nil)
			continue
		case l.bytes[i]:
			b, err := base64.StdEncoding.DecodeString(*v)
			if err != nil {
				return err
			}
			l.args = append(l.args, b)
		default:
			l.args = append(l.args, *v)
		}
		l.size += len(*v)
	}
	if l.rows++; l.rows >= loadRows || l.size >= loadBytes {
		return l.flush(ctx)
	}
	return nil
}

func (l *loader) flush(ctx context.Context) error {
	if l.rows == 0 {
		return nil
	}
	one := "(" + strings.TrimSuffix(strings.Repeat("?,", len(l.bytes)), ",") + ")"
	_, err := l.conn.ExecContext(ctx, l.into+strings.TrimSuffix(strings.Repeat(one+",", l.rows), ","), l.args...)
	l.args, l.rows, l.size = l.args[:0], 0, 0
	return fault(err)
}

// Sound looks through the whole embedded database for damage.
func (s *Store) Sound(ctx context.Context) error {
	var said []string
	if err := s.read(ctx).Raw("PRAGMA quick_check").Scan(&said).Error; err != nil {
		return fault(err)
	}
	if len(said) != 1 || said[0] != "ok" {
		return fmt.Errorf("the database is damaged: %s", strings.Join(said[:min(3, len(said))], "; "))
	}
	return nil
}
