package store

import (
	"context"
	"fmt"
	"strings"

	"zhibu/model"
)

// TextColumn is a column that may hold text.
type TextColumn struct {
	Table, Name string
	Text        bool // false: bytes
}

// TextColumns are all columns of all tables that may hold text or bytes, in order. What is new in the schema is among them by itself.
func (s *Store) TextColumns(ctx context.Context) ([]TextColumn, error) {
	sql := `SELECT m.name AS table_name, c.name AS column_name, LOWER(c.type) AS kind FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'goose_db_version' ORDER BY m.name, c.cid`
	if s.dialect == MySQL {
		sql = `SELECT c.table_name AS table_name, c.column_name AS column_name, LOWER(c.data_type) AS kind FROM information_schema.columns c
			JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
			WHERE c.table_schema = DATABASE() AND c.table_name NOT LIKE 'goose_%' ORDER BY c.table_name, c.ordinal_position`
	}
	var rows []struct{ TableName, ColumnName, Kind string }
	if err := s.read(ctx).Raw(sql).Scan(&rows).Error; err != nil {
		return nil, fault(err)
	}
	var out []TextColumn
	for _, r := range rows {
		text := strings.Contains(r.Kind, "char") || strings.Contains(r.Kind, "text")
		if text || strings.Contains(r.Kind, "blob") || strings.Contains(r.Kind, "binary") {
			out = append(out, TextColumn{Table: r.TableName, Name: r.ColumnName, Text: text})
		}
	}
	return out, nil
}

// Mention says in how many rows of a column a text stands.
type Mention struct {
	Table, Column string
	Rows          int
}

// Mentions looks for a text in every text column of every table: one walk through each table.
func (s *Store) Mentions(ctx context.Context, needle string) ([]Mention, error) {
	columns, err := s.TextColumns(ctx)
	if err != nil {
		return nil, err
	}
	var found []Mention
	for start := 0; start < len(columns); {
		end := start
		var of []string
		for ; end < len(columns) && columns[end].Table == columns[start].Table; end++ {
			if columns[end].Text {
				of = append(of, columns[end].Name)
			}
		}
		more, err := s.mentionsIn(ctx, columns[start].Table, of, needle)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
		start = end
	}
	return found, nil
}

func (s *Store) mentionsIn(ctx context.Context, table string, columns []string, needle string) ([]Mention, error) {
	if len(columns) == 0 {
		return nil, nil
	}
	sums, args := make([]string, len(columns)), make([]any, len(columns))
	for i, c := range columns {
		text := c
		if s.dialect == MySQL { // a column of plain letters cannot be compared with others otherwise
			text = "CONVERT(" + c + " USING utf8mb4)"
		}
		sums[i], args[i] = fmt.Sprintf("COALESCE(SUM(INSTR(%s, ?) > 0), 0) AS c%d", text, i), needle
	}
	row := map[string]any{}
	if err := s.read(ctx).Raw("SELECT "+strings.Join(sums, ", ")+" FROM "+table, args...).Scan(&row).Error; err != nil {
		return nil, fault(err)
	}
	var found []Mention
	for i, c := range columns {
		if n := countOf(row[fmt.Sprintf("c%d", i)]); n > 0 {
			found = append(found, Mention{Table: table, Column: c, Rows: n})
		}
	}
	return found, nil
}

// countOf reads a sum, which one database gives as a number and the other as a decimal text.
func countOf(v any) int {
	var n int
	switch x := v.(type) {
	case []byte:
		_, _ = fmt.Sscan(string(x), &n)
	default:
		_, _ = fmt.Sscan(fmt.Sprint(x), &n)
	}
	return n
}

// BlotOut replaces a text that nothing else can mean, such as a phone number or an openid, wherever Mentions found it.
func (s *Store) BlotOut(ctx context.Context, needle, by string, found []Mention) error {
	return s.Tx(ctx, func(tx *Store) error {
		for _, m := range found {
			sql := fmt.Sprintf("UPDATE %s SET %s = REPLACE(%s, ?, ?) WHERE INSTR(%s, ?) > 0", m.Table, m.Column, m.Column, m.Column)
			if err := tx.write(ctx).Exec(sql, needle, by, needle).Error; err != nil {
				return fault(err)
			}
		}
		return nil
	})
}

// Namesakes tells how many other persons have this very name.
func (s *Store) Namesakes(ctx context.Context, name, except string) (int, error) {
	var n int64
	err := s.read(ctx).Model(&model.Member{}).Where("name = ? AND id <> ?", name, except).Count(&n).Error
	return int(n), fault(err)
}
