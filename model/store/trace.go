package store

import (
	"errors"

	"gorm.io/gorm"

	"zhibu/model"
)

// spanEnd is where a statement keeps how its span is ended.
const spanEnd = "zhibu:span"

// Trace has every statement that belongs to a request told to the tracer: what is done to which table, never with which values. Call it before the store
// is used.
func (s *Store) Trace(t model.Tracer) error {
	dbs := []*gorm.DB{s.writer}
	if s.reader != s.writer {
		dbs = append(dbs, s.reader)
	}
	var errs []error
	for _, db := range dbs {
		c := db.Callback()
		errs = append(errs,
			c.Query().Before("gorm:query").Register("zhibu:begin", s.begin(t, "SELECT")), c.Query().After("gorm:after_query").Register("zhibu:end", endSpan),
			c.Create().Before("gorm:before_create").Register("zhibu:begin", s.begin(t, "INSERT")), c.Create().After("gorm:after_create").Register("zhibu:end", endSpan),
			c.Update().Before("gorm:before_update").Register("zhibu:begin", s.begin(t, "UPDATE")), c.Update().After("gorm:after_update").Register("zhibu:end", endSpan),
			c.Delete().Before("gorm:before_delete").Register("zhibu:begin", s.begin(t, "DELETE")), c.Delete().After("gorm:after_delete").Register("zhibu:end", endSpan),
			c.Row().Before("gorm:row").Register("zhibu:begin", s.begin(t, "SELECT")), c.Row().After("gorm:row").Register("zhibu:end", endSpan),
			c.Raw().Before("gorm:raw").Register("zhibu:begin", s.begin(t, "EXEC")), c.Raw().After("gorm:raw").Register("zhibu:end", endSpan))
	}
	return errors.Join(errs...)
}

func (s *Store) begin(t model.Tracer, verb string) func(*gorm.DB) {
	return func(db *gorm.DB) {
		name, table := verb, db.Statement.Table
		facts := []model.Fact{{Key: "db.system.name", Text: s.dialect}, {Key: "db.operation.name", Text: verb}}
		if table != "" {
			name += " " + table
			facts = append(facts, model.Fact{Key: "db.collection.name", Text: table})
		}
		_, end := t.Begin(db.Statement.Context, model.Traced{Kind: model.SpanClient, Name: name, Facts: facts})
		db.InstanceSet(spanEnd, end)
	}
}

func endSpan(db *gorm.DB) {
	v, _ := db.InstanceGet(spanEnd)
	end, ok := v.(func(string, ...model.Fact))
	if !ok {
		return
	}
	failure := ""
	if db.Error != nil && !errors.Is(db.Error, gorm.ErrRecordNotFound) {
		failure = string(model.CodeOf(fault(db.Error))) // its text may hold a value
	}
	end(failure)
}
