package api

import (
	"context"
	"fmt"
	"slices"

	"zhibu/model"
	"zhibu/service/paper"
	"zhibu/service/sheet"
	"zhibu/service/workrecord"
)

// docxKind is the media type of a Word document.
const docxKind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// PeriodQuery names a stretch in one of three ways.
type PeriodQuery struct {
	Month   string `query:"month" maxLength:"7" doc:"such as 2026-11; one of month, quarter and year is given, this month when none is"`
	Quarter string `query:"quarter" maxLength:"7" doc:"such as 2026-Q4"`
	Year    string `query:"year" maxLength:"4" doc:"such as 2026"`
}

// period reads the stretch. Errors: validation_failed.
func (q PeriodQuery) period(a *API) (model.RecordPeriod, error) {
	var out model.RecordPeriod
	var v model.Invalid
	given := 0
	for _, way := range []struct {
		field, value, example string
		read                  func(string) (model.RecordPeriod, bool)
	}{{"month", q.Month, "2026-11", model.MonthPeriod}, {"quarter", q.Quarter, "2026-Q4", model.QuarterPeriod}, {"year", q.Year, "2026", model.YearPeriod}} {
		if way.value == "" {
			continue
		}
		given++
		p, ok := way.read(way.value)
		switch {
		case given > 1:
			v.Add(way.field, "not_allowed", "月份、季度和年度请只选一个。")
		case !ok:
			v.Add(way.field, "invalid", "请按“"+way.example+"”的格式填写。")
		}
		out = p
	}
	if given == 0 {
		out, _ = model.MonthPeriod(string(model.DateOf(a.clock())[:7]))
	}
	return out, v.Err()
}

type periodView struct {
	Key   string `json:"key" doc:"2026-11, 2026-Q4 or 2026"`
	Label string `json:"label"`
	From  string `json:"from"`
	To    string `json:"to" doc:"the last day"`
}

func periodOf(p model.RecordPeriod) periodView {
	return periodView{Key: p.Key, Label: p.Label(), From: string(p.First), To: string(p.End.Add(-1))}
}

type evidenceView struct {
	Path string `json:"path" doc:"where it can be seen, below the base path"`
}

type recordLateView struct {
	On   string `json:"on" doc:"the day on which it was recorded"`
	Text string `json:"text" doc:"补录 or 后补, with the day"`
}

type recordLineView struct {
	Kind     string                `json:"kind" enum:"meeting,content,study,suggestion,action,push"`
	KindText string                `json:"kind_text"`
	On       string                `json:"on"`
	Title    string                `json:"title"`
	Text     string                `json:"text"`
	Evidence evidenceView          `json:"evidence"`
	Late     maybe[recordLateView] `json:"late"`
}

type recordNoteView struct {
	Text string                `json:"text"`
	Late maybe[recordLateView] `json:"late"`
}

type workRecordView struct {
	Org    nameRef               `json:"org"`
	Period periodView            `json:"period"`
	Lines  []recordLineView      `json:"lines" nullable:"false" doc:"by kind of work, then by day; nothing of it is typed"`
	Note   maybe[recordNoteView] `json:"note" doc:"the one sentence that was added"`
}

func lateOf(word string, on model.Date) maybe[recordLateView] {
	if on == "" {
		return maybe[recordLateView]{}
	}
	return some(recordLateView{On: string(on), Text: lateText(word, on)})
}

func lateText(word string, on model.Date) string {
	if on == "" {
		return ""
	}
	return word + "（" + string(on) + "）"
}

func workRecordOf(r *workrecord.Record) workRecordView {
	v := workRecordView{Org: nameRefOf(r.Org), Period: periodOf(r.Period), Lines: mapped(r.Lines, recordLineOf)}
	if r.Note != nil {
		v.Note = some(recordNoteView{Text: r.Note.Text, Late: lateOf("后补", r.Note.LateOn)})
	}
	return v
}

func recordLineOf(l model.RecordLine) recordLineView {
	return recordLineView{Kind: string(l.Kind), KindText: l.Kind.Label(), On: string(l.On), Title: l.Title, Text: l.Text, Evidence: evidenceView{Path: l.Path}, Late: lateOf(l.Late, l.LateOn)}
}

type workRecordInput struct {
	ID string `path:"id" maxLength:"64"`
	PeriodQuery
}

func (a *API) recordOf(ctx context.Context, actor *model.Actor, in *workRecordInput) (*workrecord.Record, error) {
	p, err := in.period(a)
	if err != nil {
		return nil, err
	}
	return a.rooms.WorkRecord.Record(ctx, actor, in.ID, p)
}

func (a *API) workRecord(ctx context.Context, actor *model.Actor, in *workRecordInput) (workRecordView, error) {
	r, err := a.recordOf(ctx, actor, in)
	if err != nil {
		return workRecordView{}, err
	}
	return workRecordOf(r), nil
}

type recordNoteInput struct {
	ID string `path:"id" maxLength:"64"`
	PeriodQuery
	Body struct {
		Text string `json:"text" maxLength:"200" doc:"one sentence; an empty one takes it away"`
	}
}

func (a *API) noteWorkRecord(ctx context.Context, actor *model.Actor, in *recordNoteInput) (workRecordView, error) {
	p, err := in.period(a)
	if err != nil {
		return workRecordView{}, err
	}
	r, err := a.rooms.WorkRecord.PutNote(ctx, actor, in.ID, p, in.Body.Text)
	if err != nil {
		return workRecordView{}, err
	}
	return workRecordOf(r), nil
}

const recordSource = "本表由“手机党支部”根据会议、发布、学习、办理等实际记录自动形成，未经人工填写；期满后录入的内容已标明补录日期。"

func (a *API) workRecordSheet(ctx context.Context, actor *model.Actor, in *workRecordInput) (document, error) {
	r, err := a.recordOf(ctx, actor, in)
	if err != nil {
		return document{}, err
	}
	s := sheet.Sheet{
		Name: "工作纪实", Title: r.Org.Name + "工作纪实", Note: "期间：" + r.Period.Label() + "（" + string(r.Period.First) + " 至 " + string(r.Period.End.Add(-1)) + "）\n" + recordSource,
		Columns: []sheet.Column{{Head: "序号", Width: 6, Middle: true}, {Head: "类别", Width: 11, Middle: true}, {Head: "日期", Width: 13, Middle: true}, {Head: "事项", Width: 38},
			{Head: "情况", Width: 54}, {Head: "补录", Width: 16, Middle: true}, {Head: "依据", Width: 26}},
	}
	for i, l := range r.Lines {
		s.Rows = append(s.Rows, []any{i + 1, l.Kind.Label(), l.Day(), l.Title, l.Text, lateText(l.Late, l.LateOn), l.Path})
	}
	if len(r.Lines) == 0 {
		s.Rows = append(s.Rows, []any{"", "", "", "本期暂无记录", "", "", ""})
	}
	if r.Note != nil {
		s.Foot = append(s.Foot, "支部说明："+r.Note.Text+lateText("　后补", r.Note.LateOn))
	}
	return workbook("work-record.xlsx", r.Org.Name+"工作纪实-"+r.Period.Key+".xlsx", s)
}

func (a *API) workRecordDocx(ctx context.Context, actor *model.Actor, in *workRecordInput) (document, error) {
	r, err := a.recordOf(ctx, actor, in)
	if err != nil {
		return document{}, err
	}
	s := &paper.Sheet{Title: r.Org.Name + "工作纪实"}
	s.Named("期间", r.Period.Label()+"（"+string(r.Period.First)+" 至 "+string(r.Period.End.Add(-1))+"）")
	numbers, n := []string{"一", "二", "三", "四", "五", "六"}, 0
	for _, kind := range model.RecordKinds() {
		grid := recordGrid(kind, r.Lines)
		if len(grid.Rows) == 0 {
			continue
		}
		s.Add(paper.Block{Heading: numbers[n] + "、" + kind.Label()})
		s.Add(paper.Block{Grid: grid})
		n++
	}
	if n == 0 {
		s.Add(paper.Block{Text: "本期暂无记录。"})
	}
	if r.Note != nil {
		s.Named("支部说明", r.Note.Text+lateText("　后补", r.Note.LateOn))
	}
	s.Add(paper.Block{Note: recordSource})
	s.Add(paper.Block{Signs: []string{"支部书记（签字）："}})
	return wordDocument("work-record.docx", r.Org.Name+"工作纪实-"+r.Period.Key+".docx", s, r.Period)
}

// recordGrid are the lines of one kind. The evidence stands below what it proves, so that the page needs no column for it.
func recordGrid(kind model.RecordKind, lines []model.RecordLine) *paper.Grid {
	g := &paper.Grid{Columns: []paper.Column{{Head: "日期", Share: 0.2}, {Head: "事项", Share: 0.35}, {Head: "情况", Share: 0.45}}}
	for _, l := range lines {
		if l.Kind != kind {
			continue
		}
		text := l.Text
		if l.LateOn != "" {
			text += "【" + lateText(l.Late, l.LateOn) + "】"
		}
		g.Rows = append(g.Rows, []string{l.Day(), l.Title, text + "\n依据：" + l.Evidence()})
	}
	return g
}

// wordDocument writes a paper as a Word file. Its time is the end of what it is about, so that the same facts make the same file.
func wordDocument(plain, name string, s *paper.Sheet, p model.RecordPeriod) (document, error) {
	b, err := s.Docx(p.To())
	if err != nil {
		return document{}, model.Fail(model.CodeInternal, "生成文档时出错了，请稍后再试。").Because(err)
	}
	return document{Kind: docxKind, Plain: plain, Name: name, Bytes: b}, nil
}

type progressBranchView struct {
	Org   nameRef               `json:"org"`
	Lines []recordLineView      `json:"lines" nullable:"false"`
	Note  maybe[recordNoteView] `json:"note"`
}

type progressKindView struct {
	Kind     string               `json:"kind" enum:"meeting,content,study,suggestion,action,push"`
	KindText string               `json:"kind_text"`
	Branches []progressBranchView `json:"branches" nullable:"false" doc:"all branches in the order of the tree, also those of which nothing is known"`
}

type progressView struct {
	Period periodView         `json:"period"`
	Kinds  []progressKindView `json:"kinds" nullable:"false" doc:"by kind of work, in the office's order"`
}

func (a *API) progress(ctx context.Context, actor *model.Actor, q PeriodQuery) (*workrecord.Progress, error) {
	p, err := q.period(a)
	if err != nil {
		return nil, err
	}
	return a.rooms.WorkRecord.Progress(ctx, actor, p)
}

func (a *API) progressReport(ctx context.Context, actor *model.Actor, in *PeriodQuery) (progressView, error) {
	g, err := a.progress(ctx, actor, *in)
	if err != nil {
		return progressView{}, err
	}
	v := progressView{Period: periodOf(g.Period)}
	for _, kind := range model.RecordKinds() {
		k := progressKindView{Kind: string(kind), KindText: kind.Label(), Branches: []progressBranchView{}}
		for _, r := range g.Records {
			k.Branches = append(k.Branches, progressBranchView{Org: nameRefOf(r.Org), Lines: mapped(linesOf(kind, r.Lines), recordLineOf), Note: workRecordOf(&r).Note})
		}
		v.Kinds = append(v.Kinds, k)
	}
	return v, nil
}

func linesOf(kind model.RecordKind, lines []model.RecordLine) []model.RecordLine {
	return slices.DeleteFunc(slices.Clone(lines), func(l model.RecordLine) bool { return l.Kind != kind })
}

func (a *API) progressSheet(ctx context.Context, actor *model.Actor, in *PeriodQuery) (document, error) {
	g, err := a.progress(ctx, actor, *in)
	if err != nil {
		return document{}, err
	}
	note := "期间：" + g.Period.Label() + "。各支部按组织顺序排列，不作排名。" + recordSource
	over := sheet.Sheet{Name: "概况", Title: "党建工作进程反馈表", Note: note, Columns: []sheet.Column{{Head: "序号", Width: 6, Middle: true}, {Head: "支部", Width: 36}}}
	for _, k := range model.RecordKinds() {
		over.Columns = append(over.Columns, sheet.Column{Head: k.Label(), Width: 12, Middle: true})
	}
	over.Columns = append(over.Columns, sheet.Column{Head: "支部说明", Width: 40})
	details := make([]sheet.Sheet, len(model.RecordKinds()))
	for i, k := range model.RecordKinds() {
		details[i] = sheet.Sheet{Name: k.Label(), Title: "党建工作进程反馈表（" + k.Label() + "）", Note: note, Columns: []sheet.Column{{Head: "支部", Width: 32}, {Head: "日期", Width: 13, Middle: true},
			{Head: "事项", Width: 38}, {Head: "情况", Width: 52}, {Head: "补录", Width: 16, Middle: true}, {Head: "依据", Width: 26}}}
	}
	for i, r := range g.Records {
		row := []any{i + 1, r.Org.Name}
		for j, k := range model.RecordKinds() {
			lines := linesOf(k, r.Lines)
			row = append(row, progressCell(k, lines))
			for _, l := range lines {
				details[j].Rows = append(details[j].Rows, []any{r.Org.Name, l.Day(), l.Title, l.Text, lateText(l.Late, l.LateOn), l.Path})
			}
		}
		said := ""
		if r.Note != nil {
			said = r.Note.Text + lateText("　后补", r.Note.LateOn)
		}
		over.Rows = append(over.Rows, append(row, said))
	}
	sheets := []sheet.Sheet{over}
	for _, d := range details {
		if len(d.Rows) > 0 {
			sheets = append(sheets, d)
		}
	}
	return workbook("progress-report.xlsx", "党建工作进程反馈表-"+g.Period.Key+".xlsx", sheets...)
}

// progressCell says in a word or two what there is of a kind.
func progressCell(k model.RecordKind, lines []model.RecordLine) string {
	switch {
	case len(lines) == 0:
		return "—"
	case k == model.RecordStudy || k == model.RecordSuggestion:
		return "有"
	}
	return fmt.Sprintf("%d 项", len(lines))
}

func (a *API) progressDocx(ctx context.Context, actor *model.Actor, in *PeriodQuery) (document, error) {
	g, err := a.progress(ctx, actor, *in)
	if err != nil {
		return document{}, err
	}
	s := &paper.Sheet{Title: "党建工作进程反馈表"}
	s.Named("期间", g.Period.Label())
	s.Add(paper.Block{Note: "各支部按组织顺序排列，不作排名。" + recordSource})
	numbers := []string{"一", "二", "三", "四", "五", "六"}
	for i, k := range model.RecordKinds() {
		s.Add(paper.Block{Heading: numbers[i] + "、" + k.Label()})
		grid := &paper.Grid{Columns: []paper.Column{{Head: "支部", Share: 0.24}, {Head: "日期", Share: 0.22}, {Head: "事项与情况", Share: 0.54}}}
		for _, r := range g.Records {
			for _, l := range linesOf(k, r.Lines) {
				text := l.Title + "。" + l.Text
				if l.LateOn != "" {
					text += "【" + lateText(l.Late, l.LateOn) + "】"
				}
				grid.Rows = append(grid.Rows, []string{r.Org.Name, l.Day(), text})
			}
		}
		if len(grid.Rows) == 0 {
			s.Add(paper.Block{Text: "本期暂无记录。"})
			continue
		}
		s.Add(paper.Block{Grid: grid})
	}
	s.Add(paper.Block{Signs: []string{"党办（盖章）："}})
	return wordDocument("progress-report.docx", "党建工作进程反馈表-"+g.Period.Key+".docx", s, g.Period)
}
