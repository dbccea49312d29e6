package api

import (
	"context"
	"strconv"
	"strings"

	"zhibu/model"
	"zhibu/service/annual"
	"zhibu/service/sheet"
)

type mendView struct {
	Path string `json:"path" doc:"where it is mended, below the base path"`
	Text string `json:"text"`
}

type annualItemView struct {
	Key      string          `json:"key" doc:"for PUT …/items/{key}"`
	Kind     string          `json:"kind" enum:"secretary,meeting,minutes,suggestion,action"`
	KindText string          `json:"kind_text"`
	Title    string          `json:"title"`
	Text     string          `json:"text" doc:"what is missing"`
	Mend     maybe[mendView] `json:"mend" doc:"the tap that mends it; null in what is frozen"`
	Reason   *string         `json:"reason" doc:"why it stays as it is; null where nothing was said"`
}

type annualDutiesView struct {
	Owed    int `json:"owed"`
	Done    int `json:"done"`
	Planned int `json:"planned"`
	Excused int `json:"excused"`
	Missing int `json:"missing" doc:"in periods that have begun"`
}

type annualFrozenView struct {
	At      timeView         `json:"at"`
	Seq     int              `json:"seq" doc:"how many times it was frozen"`
	SHA256  string           `json:"sha256" doc:"of the canonical JSON"`
	Body    string           `json:"body" doc:"the canonical JSON itself, so that anybody can reckon the digest"`
	Intact  bool             `json:"intact" doc:"the kept bytes are those whose digest was kept"`
	Matches bool             `json:"matches" doc:"a check made now says the same"`
	Changed []string         `json:"changed" nullable:"false" doc:"the keys of items that are new, gone or said otherwise since"`
	Duties  annualDutiesView `json:"duties"`
	Items   []annualItemView `json:"items" nullable:"false"`
}

type annualView struct {
	Org     nameRef                 `json:"org"`
	Year    int                     `json:"year"`
	Missing int                     `json:"missing" doc:"items of which nothing was said"`
	Duties  annualDutiesView        `json:"duties"`
	Items   []annualItemView        `json:"items" nullable:"false" doc:"only what is missing; those with a reason stand last"`
	Frozen  maybe[annualFrozenView] `json:"frozen"`
}

func annualItemOf(it model.AnnualItem) annualItemView {
	v := annualItemView{Key: it.Key, Kind: string(it.Kind), KindText: it.Kind.Label(), Title: it.Title, Text: it.Text, Reason: textOrNil(it.Reason)}
	if it.Path != "" {
		v.Mend = some(mendView{Path: it.Path, Text: it.Mend})
	}
	return v
}

func annualOf(c annual.Check) annualView {
	v := annualView{Org: nameRefOf(c.Org), Year: c.Year, Missing: c.Missing(), Duties: annualDutiesView(c.Duties), Items: mapped(c.Items, annualItemOf)}
	if f := c.Frozen; f != nil {
		v.Frozen = some(annualFrozenView{At: timeView(f.FrozenAt), Seq: f.Seq, SHA256: f.Sha256, Body: f.Body, Intact: f.Intact, Matches: f.Matches, Changed: f.Changed,
			Duties: annualDutiesView(f.Facts.Duties), Items: mapped(f.Facts.Items, annualItemOf)})
	}
	return v
}

func annualFrom(c *annual.Check, err error) (annualView, error) {
	if err != nil {
		return annualView{}, err
	}
	return annualOf(*c), nil
}

type annualInput struct {
	ID   string `path:"id" maxLength:"64"`
	Year int    `query:"year" doc:"this year when missing"`
}

func (a *API) annualCheck(ctx context.Context, actor *model.Actor, in *annualInput) (annualView, error) {
	return annualFrom(a.rooms.Annual.Check(ctx, actor, in.ID, in.Year))
}

func (a *API) freezeAnnual(ctx context.Context, actor *model.Actor, in *annualInput) (annualView, error) {
	return annualFrom(a.rooms.Annual.Freeze(ctx, actor, in.ID, in.Year))
}

type explainAnnualInput struct {
	ID   string `path:"id" maxLength:"64"`
	Key  string `path:"key" maxLength:"160"`
	Year int    `query:"year" doc:"this year when missing"`
	Body struct {
		Reason string `json:"reason" maxLength:"200" doc:"why it stays as it is; empty takes it back"`
	}
}

func (a *API) explainAnnual(ctx context.Context, actor *model.Actor, in *explainAnnualInput) (annualView, error) {
	return annualFrom(a.rooms.Annual.Explain(ctx, actor, in.ID, in.Year, in.Key, in.Body.Reason))
}

type yearInput struct {
	Year int `query:"year" doc:"this year when missing"`
}

type annualChecksView struct {
	Year  int          `json:"year"`
	Items []annualView `json:"items" nullable:"false" doc:"in the order of the tree, never of a figure"`
}

func (a *API) annualChecks(ctx context.Context, actor *model.Actor, in *yearInput) (annualChecksView, error) {
	rows, year, err := a.rooms.Annual.All(ctx, actor, in.Year)
	return annualChecksView{Year: year, Items: mapped(rows, annualOf)}, err
}

// annualSheet is the office's one workbook: an overview, and the list of what is missing.
func (a *API) annualSheet(ctx context.Context, actor *model.Actor, in *yearInput) (document, error) {
	rows, year, err := a.rooms.Annual.All(ctx, actor, in.Year)
	if err != nil {
		return document{}, err
	}
	name := strconv.Itoa(year) + " 年度"
	over := sheet.Sheet{
		Name: "总览", Title: "分支机构党支部 " + name + "年检情况", Note: "各支部按组织顺序排列，不作排名。次数为本年度应开的组织生活，含所辖党小组；只列缺少的事项，已说明原因的单独计数。",
		Columns: []sheet.Column{{Head: "序号", Width: 6, Middle: true}, {Head: "支部", Width: 34}, {Head: "应开", Width: 8, Middle: true}, {Head: "已开", Width: 8, Middle: true},
			{Head: "已安排", Width: 8, Middle: true}, {Head: "已说明", Width: 8, Middle: true}, {Head: "待补事项", Width: 10, Middle: true}, {Head: "已附原因", Width: 10, Middle: true},
			{Head: "存档", Width: 30}},
	}
	detail := sheet.Sheet{
		Name: "事项清单", Title: "分支机构党支部 " + name + "年检事项清单", Note: "只列缺少的事项；没有列出的支部没有缺少的事项。",
		Columns: []sheet.Column{{Head: "支部", Width: 30}, {Head: "类别", Width: 11, Middle: true}, {Head: "事项", Width: 40}, {Head: "情况", Width: 34}, {Head: "办理方式", Width: 34}, {Head: "原因", Width: 30}},
	}
	for i, c := range rows {
		kept := "未存档"
		if f := c.Frozen; f != nil {
			kept = string(model.DateOf(f.FrozenAt)) + " 存档，"
			switch {
			case !f.Intact:
				kept += "存档内容已被改动"
			case f.Matches:
				kept += "与现状一致"
			default:
				kept += "此后有变化"
			}
			kept += "（" + f.Sha256[:min(12, len(f.Sha256))] + "）"
		}
		over.Rows = append(over.Rows, []any{i + 1, c.Org.Name, c.Duties.Owed, c.Duties.Done, c.Duties.Planned, c.Duties.Excused, c.Missing(), len(c.Items) - c.Missing(), kept})
		for _, it := range c.Items {
			detail.Rows = append(detail.Rows, []any{c.Org.Name, it.Kind.Label(), strings.TrimSpace(it.Title), it.Text, it.Mend, it.Reason})
		}
	}
	if len(detail.Rows) == 0 {
		detail.Rows = append(detail.Rows, []any{"没有缺少的事项", "", "", "", "", ""})
	}
	return workbook("annual-check.xlsx", "分支机构党支部年检-"+strconv.Itoa(year)+".xlsx", over, detail)
}
