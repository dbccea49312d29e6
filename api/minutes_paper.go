package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/service/minutes"
	"zhibu/service/paper"
)

// minutesTitle is the name and ordinal of a meeting, such as 心肺康复支部2026年第3次支部党员大会.
func minutesTitle(f *model.MinutesFacts) string {
	return fmt.Sprintf("%s%d年第%d次%s", f.OrgName, f.Year, f.Ordinal, f.Type.Label())
}

// sheetTitle is minutesTitle as it stands above a document, the organisation on a line of its own.
func sheetTitle(f *model.MinutesFacts) string {
	return strings.Replace(minutesTitle(f), f.OrgName, f.OrgName+"\n", 1)
}

// spanText is a time to the minute, from and to; a meeting over midnight names both days.
func spanText(from, to time.Time) string {
	const day, minute = "2006年1月2日", "15:04"
	from, to = from.In(model.Zone), to.In(model.Zone)
	if model.DateOf(from) == model.DateOf(to) {
		return from.Format(day+" "+minute) + "—" + to.Format(minute)
	}
	return from.Format(day+" "+minute) + " 至 " + to.Format(day+" "+minute)
}

func namesText(list []model.FactPerson) string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.Name
	}
	return strings.Join(names, "、")
}

// minutesSheet is the document of minutes.
func (a *API) minutesSheet(ctx context.Context, actor *model.Actor, meetingID string) (*paper.Sheet, error) {
	v, err := a.rooms.Minutes.Get(ctx, actor, meetingID)
	if err != nil {
		return nil, err
	}
	s := &paper.Sheet{Title: sheetTitle(&v.Facts) + "会议记录"}
	minutesMarks(s, v)
	minutesHead(s, v)
	part := chapters()
	minutesBody(s, v, part)
	s.Add(paper.Block{Signs: []string{"主持人（签字）：", "记录人（签字）："}})
	minutesSigned(s, v)
	for i, x := range v.Additions {
		if i == 0 {
			s.Add(paper.Block{Heading: "补记"})
		}
		s.Add(paper.Block{Text: fmt.Sprintf("%s（%s，%s）", x.Content, v.Names[x.AuthorID], x.AddedAt.In(model.Zone).Format("2006年1月2日 15:04"))})
	}
	return s, nil
}

// chapters numbers headings in Chinese.
func chapters() func(title string) paper.Block {
	n := 0
	return func(title string) paper.Block {
		n++
		return paper.Block{Heading: []string{"一", "二", "三", "四", "五", "六", "七", "八", "九", "十"}[min(n, 10)-1] + "、" + title}
	}
}

// minutesMarks says what the reader must know of the document before all else.
func minutesMarks(s *paper.Sheet, v *minutes.View) {
	if v.State != model.MinutesLocked {
		s.Add(paper.Block{Note: "【草稿】本记录尚未由主持人和记录人签署定稿。"})
	}
	if v.Late {
		s.Add(paper.Block{Note: "【补录】本记录于" + v.WrittenAt.In(model.Zone).Format("2006年1月2日") + "补录，晚于会后规定的期限。"})
	}
}

func minutesHead(s *paper.Sheet, v *minutes.View) {
	f := &v.Facts
	from, to := f.StartsAt, f.EndsAt
	if v.BeganAt != nil {
		from = *v.BeganAt
	}
	if v.EndedAt != nil {
		to = *v.EndedAt
	}
	s.Named("会议主题", f.Topic)
	s.Named("时间", spanText(from, to))
	s.Named("地点", f.Where)
	s.Named("主持人", v.Names[v.HostID])
	s.Named("记录人", v.Names[v.RecorderID])
	s.Named("人数", fmt.Sprintf("应到 %d 人，实到 %d 人；其中有表决权的应到 %d 人，实到 %d 人", f.Entitled, f.Present, f.Voting, f.VotingIn))
	if v.Mode == model.MinutesFull {
		s.Named("出席", orNone(namesText(f.Attending)))
	}
	if v.Mode == model.MinutesFull || len(f.Observers) > 0 {
		s.Named("列席", orNone(namesText(f.Observers)))
	}
	absent := make([]string, len(f.Absent))
	for i, p := range f.Absent {
		reason := "缺席"
		if p.Leave {
			reason = "请假"
		}
		if p.Reason != "" {
			reason += "：" + p.Reason
		}
		absent[i] = p.Name + "（" + reason + "）"
	}
	s.Named("缺席及原因", orNone(strings.Join(absent, "、")))
}

func orNone(text string) string {
	if text == "" {
		return "无"
	}
	return text
}

func minutesBody(s *paper.Sheet, v *minutes.View, part func(string) paper.Block) {
	f := &v.Facts
	if len(f.Unclosed) > 0 {
		s.Add(part("上次决议未办结事项"))
		unclosedBlocks(s, f.Unclosed, v.Names)
	}
	if len(f.Agenda) > 0 {
		s.Add(part("会议议程"))
		for i, x := range f.Agenda {
			s.Add(paper.Block{Text: fmt.Sprintf("%d．%s", i+1, x.Title)})
		}
	}
	for _, x := range []struct{ title, text string }{{"传达学习", v.PassedOn}, {"会议情况", v.Summary}} {
		if x.text != "" {
			s.Add(part(x.title))
			for _, line := range strings.Split(x.text, "\n") {
				if line = strings.TrimSpace(line); line != "" {
					s.Add(paper.Block{Text: line})
				}
			}
		}
	}
	discussionBlocks(s, v, part)
	pollBlocks(s, f.Polls, part)
	s.Add(part("会议决议"))
	if len(v.Resolutions) == 0 {
		s.Add(paper.Block{Text: "本次会议无决议事项。"})
	}
	for i, r := range v.Resolutions {
		end := "（无后续）"
		if !r.NoFollowUp {
			end = fmt.Sprintf("（责任人：%s，完成时限：%s）", orNone(v.Names[r.OwnerID]), dayText(r.DueOn))
		}
		s.Add(paper.Block{Text: fmt.Sprintf("%d．%s%s", i+1, r.Text, end)})
	}
}

func dayText(d model.Date) string {
	if !d.Valid() {
		return "未定"
	}
	return d.Start().Format("2006年1月2日")
}

// discussionBlocks keep every different opinion; brief minutes have only these.
func discussionBlocks(s *paper.Sheet, v *minutes.View, part func(string) paper.Block) {
	title, first := "讨论情况", true
	if v.Mode == model.MinutesBrief {
		title = "不同意见"
	}
	for _, o := range v.Discussion {
		if v.Mode == model.MinutesBrief && !o.Dissent {
			continue
		}
		if first {
			s.Add(part(title))
			first = false
		}
		text := o.Text
		if o.SpeakerID != "" {
			text = v.Names[o.SpeakerID] + "：" + text
		}
		if o.Dissent && v.Mode == model.MinutesFull {
			text = "（不同意见）" + text
		}
		s.Add(paper.Block{Text: text})
	}
}

func pollBlocks(s *paper.Sheet, polls []model.FactPoll, part func(string) paper.Block) {
	if len(polls) == 0 {
		return
	}
	s.Add(part("表决情况"))
	for i, p := range polls {
		way := "公开"
		if p.Poll.Secret {
			way = "无记名"
		}
		result := "未通过"
		if p.Poll.Passed {
			result = "通过"
		}
		text := fmt.Sprintf("%d．%s。%s，%s投票。应到有表决权 %d 人，实到 %d 人", i+1, strings.TrimRight(p.Poll.Question, "。"), p.Poll.Rule.Label(), way, p.Poll.Entitled, p.Poll.Present)
		if len(p.Poll.Options) > 0 {
			s.Add(paper.Block{Text: fmt.Sprintf("%s，收回选票 %d 张，应选 %d 名，得票如下：", text, p.Poll.Cast, p.Poll.Seats)})
			s.Add(candidateGrid(p))
		} else {
			if left := p.Poll.NotCast(); left > 0 {
				text += fmt.Sprintf("，未投票 %d 人", left)
			}
			s.Add(paper.Block{Text: fmt.Sprintf("%s；赞成 %d 票，反对 %d 票，弃权 %d 票，结果：%s。", text, p.Poll.Approve, p.Poll.Against, p.Poll.Abstain, result)})
		}
		if !p.Poll.Formal {
			s.Add(paper.Block{Text: p.Poll.Standing()})
		}
	}
}

func candidateGrid(p model.FactPoll) paper.Block {
	g := &paper.Grid{Columns: []paper.Column{{Head: "候选项", Share: 0.5}, {Head: "得票", Share: 0.2}, {Head: "结果", Share: 0.3}}}
	for i, c := range p.Candidates {
		word := "未过规定票数"
		switch {
		case p.Poll.Rule != model.VoteElection:
			word = "—"
		case c.Elected:
			word = "当选"
		case c.Tied:
			word = "票数相等，须重新投票"
		case c.Passed:
			word = "过规定票数，未入选"
		}
		g.Rows = append(g.Rows, []string{p.Poll.Options[i], fmt.Sprint(c.Approve), word})
	}
	return paper.Block{Grid: g}
}

func unclosedBlocks(s *paper.Sheet, list []model.FactAction, names map[string]string) {
	for i, u := range list {
		s.Add(paper.Block{Text: fmt.Sprintf("%d．%s（责任人：%s，完成时限：%s）", i+1, u.Text, orNone(names[u.OwnerID]), dayText(u.DueOn))})
	}
}

// minutesSigned says when the two confirmed the document in the system, below the lines for the pen.
func minutesSigned(s *paper.Sheet, v *minutes.View) {
	for _, x := range []struct {
		role, id string
		at       *time.Time
	}{{"主持人", v.HostID, v.HostSigned}, {"记录人", v.RecorderID, v.RecorderSigned}} {
		if x.at != nil {
			s.Add(paper.Block{Note: fmt.Sprintf("%s %s 已于 %s 在系统中签署。", x.role, v.Names[x.id], x.at.In(model.Zone).Format("2006年1月2日 15:04"))})
		}
	}
}

// agendaSheet is the sheet of a meeting's agenda: what earlier meetings left open comes first.
func (a *API) agendaSheet(ctx context.Context, actor *model.Actor, meetingID string) (*paper.Sheet, error) {
	f, err := a.rooms.Minutes.Agenda(ctx, actor, meetingID)
	if err != nil {
		return nil, err
	}
	s := &paper.Sheet{Title: sheetTitle(f) + "议程"}
	s.Named("会议主题", f.Topic)
	s.Named("时间", spanText(f.StartsAt, f.EndsAt))
	s.Named("地点", f.Where)
	part := chapters()
	if len(f.Unclosed) > 0 {
		s.Add(part("上次决议未办结事项"))
		unclosedBlocks(s, f.Unclosed, f.Names)
	}
	s.Add(part("议程"))
	if len(f.Agenda) == 0 {
		s.Add(paper.Block{Text: "（未列议程）"})
		return s, nil
	}
	g := &paper.Grid{Columns: []paper.Column{{Head: "序号", Share: 0.12}, {Head: "议题", Share: 0.68}, {Head: "时长", Share: 0.2}}}
	for i, x := range f.Agenda {
		long := "—"
		if x.Minutes > 0 {
			long = fmt.Sprintf("%d 分钟", x.Minutes)
		}
		g.Rows = append(g.Rows, []string{fmt.Sprint(i + 1), x.Title, long})
	}
	s.Add(paper.Block{Grid: g})
	return s, nil
}
