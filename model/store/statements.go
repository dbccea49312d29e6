package store

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
	"reflect"
)

// How many compiled statements a connection keeps, and how long their text may be: those of a few hundred rows at once would fill the memory.
const (
	keptStatements = 160
	keptText       = 6 << 10
)

// keeping makes connections that keep the statements they have compiled. SQLite spends more time on compiling a short statement than on
// carrying it out, and database/sql, which knows prepared statements too, gives up those of a transaction when it ends.
type keeping struct{ driver.Connector }

// Connect opens a connection.
func (k keeping) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	own, ok := c.(sqliteConn)
	if !ok {
		return nil, errors.Join(errors.New("the driver of SQLite is not what it was"), c.Close())
	}
	return &keeper{sqliteConn: own, byText: map[string]*list.Element{}, order: list.New()}, nil
}

// sqliteConn is what a connection of the driver can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keeper is a connection with its statements, the latest used first. database/sql lets only one goroutine at a time at it.
type keeper struct {
	sqliteConn
	byText map[string]*list.Element
	order  *list.List
}

// compiled is one statement.
type compiled struct {
	text string
	stmt driver.Stmt
	busy bool // its rows are being read: whoever needs the same meanwhile compiles another
	once bool // it is not kept
}

// take finds a statement, or compiles it. Whoever takes one gives it back.
func (k *keeper) take(ctx context.Context, text string) (*compiled, error) {
	at, kept := k.byText[text]
	if kept {
		if c := at.Value.(*compiled); !c.busy {
			k.order.MoveToFront(at)
			c.busy = true
			return c, nil
		}
	}
	stmt, err := k.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	c := &compiled{text: text, stmt: stmt, busy: true, once: kept || len(text) > keptText}
	if !c.once {
		k.byText[text] = k.order.PushFront(c)
		k.dropOldest()
	}
	return c, nil
}

// dropOldest gives up the statement that was used longest ago, when there are too many.
func (k *keeper) dropOldest() {
	for at := k.order.Back(); at != nil && k.order.Len() > keptStatements; at = at.Prev() {
		if c := at.Value.(*compiled); !c.busy {
			k.order.Remove(at)
			delete(k.byText, c.text)
			_ = c.stmt.Close() // it has told its faults when it was used
			return
		}
	}
}

func (k *keeper) give(c *compiled) error {
	c.busy = false
	if c.once {
		return c.stmt.Close()
	}
	return nil
}

// ExecContext carries out a statement.
func (k *keeper) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	c, err := k.take(ctx, text)
	if err != nil {
		return nil, err
	}
	res, err := c.stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	return res, errors.Join(err, k.give(c))
}

// QueryContext asks. The statement is busy until the rows are closed.
func (k *keeper) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	c, err := k.take(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := c.stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, k.give(c))
	}
	return &keptRows{typedRows: rows.(typedRows), k: k, c: c}, nil
}

// Close gives up all statements and then the connection.
func (k *keeper) Close() error {
	var errs []error
	for at := k.order.Front(); at != nil; at = at.Next() {
		errs = append(errs, at.Value.(*compiled).stmt.Close())
	}
	k.order.Init()
	clear(k.byText)
	return errors.Join(append(errs, k.sqliteConn.Close())...)
}

// typedRows are the driver's rows, which know the types of their columns.
type typedRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeScanType
	driver.RowsColumnTypeNullable
}

// keptRows give their statement back when they are closed.
type keptRows struct {
	typedRows
	k *keeper
	c *compiled
}

// Close ends the reading.
func (r *keptRows) Close() error {
	if r.c == nil {
		return nil
	}
	c := r.c
	r.c = nil
	return errors.Join(r.typedRows.Close(), r.k.give(c))
}

// ColumnTypeScanType is the driver's answer.
func (r *keptRows) ColumnTypeScanType(i int) reflect.Type { return r.typedRows.ColumnTypeScanType(i) }
