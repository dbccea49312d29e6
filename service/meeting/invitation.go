package meeting

import (
	"strings"
	"time"

	"zhibu/model"
)

// invitation writes meetings held together, the leading one first, as people write to each other.
func invitation(rows []model.Meeting, org string, now time.Time) string {
	m := &rows[0]
	head := "【会议通知】"
	if m.State(now) == model.MeetingCancelled {
		head = "【会议取消】"
	}
	lines := []string{head + org}
	for _, x := range rows {
		lines = append(lines, "主题："+x.Topic+"（"+x.Type.Label()+"）")
	}
	lines = append(lines, "时间："+whenText(m, now))
	if m.CancelledAt != nil {
		return strings.Join(append(lines, "会议已取消，原因："+m.CancelReason), "\n")
	}
	lines = append(lines, whereLines(m)...)
	for _, x := range rows {
		name := "议程："
		if len(rows) > 1 {
			name = x.Type.Label() + "议程："
		}
		lines = append(lines, agendaLines(&x, name)...)
	}
	if m.Note != "" {
		lines = append(lines, "附言："+m.Note)
	}
	return strings.Join(append(lines, "请在小程序中答复参加或请假。"), "\n")
}
