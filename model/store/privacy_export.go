package store

import (
	"context"
	"fmt"
	"time"
)

// Record is one row as text, in the order of its columns.
type Record struct{ Names, Values []string }

// RecordsOf reads the rows that a statement gives about one person, for the export. Times come in the zone given. The statement is the
// program's own; only the arguments come from outside.
func (s *Store) RecordsOf(ctx context.Context, zone *time.Location, sql string, args ...any) ([]Record, error) {
	rows, err := s.read(ctx).Raw(sql, args...).Rows()
	if err != nil {
		return nil, fault(err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return nil, fault(err)
	}
	var out []Record
	for rows.Next() {
		cells := make([]any, len(names))
		for i := range cells {
			cells[i] = new(any)
		}
		if err := rows.Scan(cells...); err != nil {
			return nil, fault(err)
		}
		r := Record{Names: names, Values: make([]string, len(names))}
		for i, c := range cells {
			r.Values[i] = textOf(*c.(*any), zone)
		}
		out = append(out, r)
	}
	return out, fault(rows.Err())
}

func textOf(v any, zone *time.Location) string {
	switch x := v.(type) {
	case nil:
		return ""
	case time.Time:
		return x.In(zone).Format("2006-01-02 15:04:05")
	case []byte:
		return string(x)
	case string:
		return x
	}
	return fmt.Sprint(v)
}
