package store

import (
	"database/sql"
	"errors"
	"strconv"

	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/migrator"
	"gorm.io/gorm/schema"
	"modernc.org/sqlite"
)

// The codes with which SQLite says that a row is there already, or that a row points at nothing.
const (
	constraintForeignKey = 787
	constraintPrimaryKey = 1555
	constraintUnique     = 2067
)

// sqliteTimes is how instants stand in the database: as text that sorts as they do. It may never change, since texts are compared.
const sqliteTimes = "_time_format=sqlite"

// connectSQLite opens a pool whose connections keep the statements that they have compiled.
func connectSQLite(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(keeping{c}), nil
}

// sqliteDialect tells gorm how SQLite is spoken to.
type sqliteDialect struct{ pool *sql.DB }

// Name is what gorm calls it.
func (sqliteDialect) Name() string { return SQLite }

// Initialize gives gorm its pool, and the order of clauses that SQLite wants.
func (d sqliteDialect) Initialize(db *gorm.DB) error {
	db.ConnPool = d.pool
	callbacks.RegisterDefaultCallbacks(db, &callbacks.Config{
		CreateClauses:        []string{"INSERT", "VALUES", "ON CONFLICT", "RETURNING"},
		UpdateClauses:        []string{"UPDATE", "SET", "FROM", "WHERE", "RETURNING"},
		DeleteClauses:        []string{"DELETE", "FROM", "WHERE", "RETURNING"},
		LastInsertIDReversed: true,
	})
	db.ClauseBuilders["LIMIT"] = writeLimit
	db.ClauseBuilders["FOR"] = func(clause.Clause, clause.Builder) {} // one writer needs no locks on rows
	return nil
}

// writeLimit writes the numbers into the text: SQLite plans a statement anew whenever a limit is handed to it as a value.
func writeLimit(c clause.Clause, b clause.Builder) {
	limit, ok := c.Expression.(clause.Limit)
	if !ok {
		return
	}
	most := -1
	if limit.Limit != nil && *limit.Limit >= 0 {
		most = *limit.Limit
	}
	if most >= 0 || limit.Offset > 0 {
		_, _ = b.WriteString("LIMIT " + strconv.Itoa(most))
	}
	if limit.Offset > 0 {
		_, _ = b.WriteString(" OFFSET " + strconv.Itoa(limit.Offset))
	}
}

// DefaultValueOf lets SQLite number rows by itself.
func (sqliteDialect) DefaultValueOf(field *schema.Field) clause.Expression {
	if field.AutoIncrement {
		return clause.Expr{SQL: "NULL"}
	}
	return clause.Expr{SQL: "DEFAULT"}
}

// Migrator is asked of every dialect; tables are made by the numbered steps alone.
func (d sqliteDialect) Migrator(db *gorm.DB) gorm.Migrator {
	return migrator.Migrator{Config: migrator.Config{DB: db, Dialector: d}}
}

// DataTypeOf is asked of every dialect, for tables that gorm would make.
func (sqliteDialect) DataTypeOf(field *schema.Field) string { return string(field.DataType) }

// BindVarTo writes the place of a value.
func (sqliteDialect) BindVarTo(w clause.Writer, _ *gorm.Statement, _ any) { _ = w.WriteByte('?') }

// QuoteTo writes a name, or a table's and a column's with a point between.
func (sqliteDialect) QuoteTo(w clause.Writer, name string) {
	_ = w.WriteByte('`')
	for i := range len(name) {
		switch name[i] {
		case '.':
			_, _ = w.WriteString("`.`")
		case '`': // names are the program's own; one that holds a quote cannot end it
			_, _ = w.WriteString("``")
		default:
			_ = w.WriteByte(name[i])
		}
	}
	_ = w.WriteByte('`')
}

// Explain puts the values into a text, for a log.
func (sqliteDialect) Explain(text string, values ...any) string {
	return logger.ExplainSQL(text, nil, `"`, values...)
}

// SavePoint and RollbackTo are a transaction inside another.
func (sqliteDialect) SavePoint(tx *gorm.DB, name string) error {
	return tx.Exec("SAVEPOINT " + name).Error
}

// RollbackTo undoes what came after a savepoint.
func (sqliteDialect) RollbackTo(tx *gorm.DB, name string) error {
	return tx.Exec("ROLLBACK TO SAVEPOINT " + name).Error
}

// Translate turns SQLite's refusals into gorm's.
func (sqliteDialect) Translate(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() {
	case constraintUnique, constraintPrimaryKey:
		return gorm.ErrDuplicatedKey
	case constraintForeignKey:
		return gorm.ErrForeignKeyViolated
	}
	return err
}
