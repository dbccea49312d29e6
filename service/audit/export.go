package audit

import (
	"bufio"
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"zhibu/model"
	"zhibu/model/store"
)

// Export is a list of entries, ready to be written.
type Export struct {
	FileName string

	room  *Service
	query store.AuditFilter
}

// exportChunk is how many entries are in memory at once.
const exportChunk = 500

// Export makes a spreadsheet of the entries that List would show. It carries the audit out of the house, so it is in the audit itself.
// Errors: those of List.
func (s *Service) Export(ctx context.Context, actor *model.Actor, f Filter) (*Export, error) {
	q, err := s.filter(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	now := s.clock()
	detail := map[string]string{}
	for k, v := range map[string]string{"actor": f.Actor, "action": f.Action, "object": f.Object, "org": f.OrgID} {
		if v != "" {
			detail[k] = v
		}
	}
	org, err := s.store.Org(ctx, f.OrgID)
	switch {
	case model.IsNotFound(err): // whatever was asked for stands in the detail
		org = &model.Org{}
	case err != nil:
		return nil, err
	}
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		return tx.Audit(ctx, now, actor, "audit.export", "audit:entries", org.ID, detail)
	})
	if err != nil {
		return nil, err
	}
	return &Export{FileName: "审计记录-" + string(model.DateOf(now)) + ".csv", room: s, query: q}, nil
}

var exportHead = []string{"编号", "时间", "操作人", "操作人编号", "操作", "操作代码", "对象", "组织", "说明", "请求编号", "封存块"}

// Write writes the list as .csv, reading the entries as it goes. It begins with the mark by which spreadsheets know UTF-8, and no value in it
// runs as a formula.
func (e *Export) Write(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriter(w)
	if _, err := out.WriteString("\ufeff"); err != nil {
		return err
	}
	sheet := csv.NewWriter(out)
	sheet.UseCRLF = true
	if err := sheet.Write(exportHead); err != nil {
		return err
	}
	for below := int64(0); ; {
		rows, err := e.room.store.AuditEntriesBelow(ctx, e.query, below, exportChunk)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		named, err := e.room.named(ctx, rows)
		if err != nil {
			return err
		}
		for i := range named {
			if err := sheet.Write(cells(&named[i])); err != nil {
				return err
			}
		}
		below = rows[len(rows)-1].ID
	}
	sheet.Flush()
	if err := sheet.Error(); err != nil {
		return err
	}
	return out.Flush()
}

func cells(e *Entry) []string {
	block := "待封存"
	if e.BlockNo != nil {
		block = strconv.FormatInt(*e.BlockNo, 10)
	}
	line := []string{strconv.FormatInt(e.ID, 10), shown(e.At), e.Actor, e.ActorID, e.Words, e.Action, e.Object, e.Org, detailText(e.Detail), e.RequestID, block}
	for i := range line {
		line[i] = model.PlainCell(line[i])
	}
	return line
}

// detailText puts the details in one line, in the order of their names.
func detailText(detail map[string]string) string {
	parts := make([]string, 0, len(detail))
	for k, v := range detail {
		if v != "" {
			parts = append(parts, k+"="+v)
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "；")
}
