package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/content"
	"zhibu/service/paper"
)

type studyMonthView struct {
	Month    string  `json:"month" doc:"such as 2026-11"`
	Hours    float64 `json:"hours"`
	Articles int     `json:"articles"`
	Meetings int     `json:"meetings"`
}

type studyView struct {
	Year     int              `json:"year"`
	Hours    float64          `json:"hours" doc:"from the texts' reading time and the meetings attended"`
	Articles int              `json:"articles"`
	Meetings int              `json:"meetings"`
	ByMonth  []studyMonthView `json:"by_month" nullable:"false"`
}

type studyInput struct {
	Year int `query:"year" doc:"this year when missing"`
}

func (a *API) myStudy(ctx context.Context, actor *model.Actor, in *studyInput) (studyView, error) {
	s, err := a.rooms.Content.Study(ctx, actor, in.Year)
	if err != nil {
		return studyView{}, err
	}
	return studyView{
		Year: s.Year, Hours: s.Hours, Articles: s.Articles, Meetings: s.Meetings,
		ByMonth: mapped(s.Months, func(m content.StudyMonth) studyMonthView { return studyMonthView(m) }),
	}, nil
}

// studyPDF adds the route of the study record as a document, which serves as evidence at the hospital's branch.
func (a *API) studyPDF(w who, path, summary string) {
	const kind = "application/pdf"
	op := a.operation(http.MethodGet, w, path, summary)
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		kind: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}}
	huma.Register(a.huma, op, func(ctx context.Context, in *studyInput) (*huma.StreamResponse, error) {
		name, body, err := a.studyDocument(ctx, actorOf(ctx), in.Year)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Content-Type", kind)
			hc.SetHeader("Content-Disposition", `attachment; filename="study.pdf"; filename*=UTF-8''`+url.PathEscape(name))
			hc.SetHeader("Content-Length", strconv.Itoa(len(body)))
			hc.SetHeader("Cache-Control", "private, no-store")
			hc.SetStatus(http.StatusOK)
			_, _ = hc.BodyWriter().Write(body)
		}}, nil
	})
}

// studyDocument writes the record of a year.
func (a *API) studyDocument(ctx context.Context, actor *model.Actor, year int) (name string, body []byte, err error) {
	s, err := a.rooms.Content.Study(ctx, actor, year)
	if err != nil {
		return "", nil, err
	}
	places, err := a.rooms.Content.Places(ctx, actor)
	if err != nil {
		return "", nil, err
	}
	now := a.clock()
	title := fmt.Sprintf("%d 年度个人学习记录", s.Year)
	d := paper.New(title, now)
	d.Title(title)
	d.Text("姓名：" + actor.Name)
	if len(places) > 0 {
		d.Text("所在党组织：" + strings.Join(places, "、"))
	}
	d.Text(fmt.Sprintf("学时合计：%s 小时（学习内容 %d 篇，参加会议 %d 次）", strconv.FormatFloat(s.Hours, 'f', -1, 64), s.Articles, s.Meetings))
	d.Space()
	rows := make([][]string, len(s.Entries))
	for i, e := range s.Entries {
		rows[i] = []string{string(e.On), e.Title, e.Kind.Label(), strconv.Itoa(e.Minutes)}
	}
	if len(rows) == 0 {
		d.Text("本年度暂无学习记录。")
	} else {
		d.Table([]paper.Column{{Head: "日期", Share: 0.17}, {Head: "内容", Share: 0.57}, {Head: "方式", Share: 0.14}, {Head: "分钟", Share: 0.12}}, rows)
	}
	d.Space()
	d.Note("说明：阅读学时按文章的建议阅读时间计算，会议学时按会议时长计算，不统计在线时长；“单位已学”由本人申报；同一文件只计一次。")
	d.Note("本记录由本人于 " + now.In(model.Zone).Format("2006 年 1 月 2 日 15:04") + " 从“手机党支部”导出，仅供本人向所在单位党组织说明学习情况，他人无法查看。")
	body, err = d.Bytes()
	if err != nil {
		return "", nil, model.Fail(model.CodeInternal, "生成 PDF 时出错了，请稍后再试。").Because(err)
	}
	return title + ".pdf", body, nil
}
