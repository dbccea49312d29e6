package meeting

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"zhibu/model"
)

// What a meeting may be made of.
const (
	maxTopic     = 100
	maxPlace     = 100
	maxURL       = 500
	maxCode      = 50
	maxReason    = 200
	maxAgenda    = 30
	maxLength    = 12 * time.Hour
	maxReminders = 5
	minRemind    = 5
	maxRemind    = 14 * 24 * 60
)

// defaultReminders are a day and half an hour before the start.
var defaultReminders = [...]int{24 * 60, 30}

// Online says how one joins from elsewhere.
type Online struct {
	Provider model.MeetingProvider
	JoinURL  string
	Code     string
}

// setOnline puts how one joins into the meeting, cleaned; a meeting at a place alone has none.
func setOnline(m *model.Meeting, o *Online) {
	if !m.Mode.Remote() {
		m.Provider, m.JoinURL, m.JoinCode = "", "", ""
		return
	}
	if o != nil {
		m.Provider, m.JoinURL, m.JoinCode = o.Provider, strings.TrimSpace(o.JoinURL), model.SingleLine(o.Code)
	}
	if m.Provider == "" {
		m.Provider = model.ProviderManual
	}
}

func cleanAgenda(items []model.AgendaItem) []model.AgendaItem {
	out := make([]model.AgendaItem, len(items))
	for i, a := range items {
		out[i] = model.AgendaItem{Title: model.SingleLine(a.Title), Minutes: a.Minutes}
	}
	return out
}

// cleanReminders puts the longest first, since that is the order in which they go out.
func cleanReminders(minutes []int) []int {
	out := slices.Clone(minutes)
	slices.Sort(out)
	slices.Reverse(out)
	return out
}

// checkMeeting names every fault of a meeting's fields but its times. A room that the program books needs no link.
func checkMeeting(v *model.Invalid, m *model.Meeting) {
	if !m.Type.Valid() {
		v.Add("type", "not_allowed", "会议类型不正确，请从列出的类型中选择。")
	}
	checkText(v, "topic", "会议主题", m.Topic, maxTopic, true)
	if !m.Mode.Valid() {
		v.Add("mode", "not_allowed", "会议形式只能是 online（线上）、onsite（现场）或 hybrid（线上线下结合）。")
	}
	checkText(v, "place", "会议地点", m.Place, maxPlace, m.Mode.InPlace())
	checkText(v, "note", "通知附言", m.Note, maxReason, false)
	checkText(v, "override_reason", "上班时间开会的理由", m.OverrideReason, maxReason, false)
	if m.Mode.Remote() {
		checkOnline(v, m)
	}
	checkAgenda(v, "agenda", m.Agenda)
}

func checkAgenda(v *model.Invalid, field string, agenda []model.AgendaItem) {
	if len(agenda) > maxAgenda {
		v.Add(field, "too_many", fmt.Sprintf("议程最多 %d 项。", maxAgenda))
	}
	for i, a := range agenda {
		at := fmt.Sprintf("%s[%d]", field, i)
		checkText(v, at+".title", fmt.Sprintf("第 %d 项议程的标题", i+1), a.Title, maxTopic, true)
		if a.Minutes < 0 || a.Minutes > int(maxLength.Minutes()) {
			v.Add(at+".minutes", "out_of_range", fmt.Sprintf("第 %d 项议程的用时应在 0 到 720 分钟之间。", i+1))
		}
	}
}

func checkText(v *model.Invalid, field, what, text string, most int, required bool) {
	switch n := utf8.RuneCountInString(text); {
	case n == 0 && required:
		v.Add(field, "required", "请填写"+what+"。")
	case n > most:
		v.Add(field, "too_long", fmt.Sprintf("%s不能超过 %d 个字。", what, most))
	}
}

// checkOnline holds for both providers: where the program books no room, a meeting without link and code cannot be joined.
func checkOnline(v *model.Invalid, m *model.Meeting) {
	if !m.Provider.Valid() {
		v.Add("online.provider", "not_allowed", "线上会议方式只能是 manual（自行填写）或 tencent（腾讯会议）。")
	}
	if m.JoinURL == "" && m.JoinCode == "" && m.RoomState == "" {
		v.Add("online.join_url", "required", "请填写入会链接或会议号。")
	}
	if m.JoinURL != "" && !webAddress(m.JoinURL) {
		v.Add("online.join_url", "invalid_url", "入会链接应以 https:// 或 http:// 开头，且不超过 500 个字符。")
	}
	checkText(v, "online.code", "会议号", m.JoinCode, maxCode, false)
}

func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxURL && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.ContainsAny(s, " \t\r\n\"<>")
}

// checkReminders reads the list as it was sent, so that a fault is named at its place.
func checkReminders(v *model.Invalid, minutes []int) {
	if len(minutes) > maxReminders {
		v.Add("reminders", "too_many", fmt.Sprintf("提醒最多 %d 次。", maxReminders))
	}
	for i, n := range minutes {
		at := fmt.Sprintf("reminders[%d]", i)
		switch {
		case n < minRemind || n > maxRemind:
			v.Add(at, "out_of_range", "提醒时间应为会前 5 到 20160 分钟（14 天）。")
		case slices.Contains(minutes[:i], n):
			v.Add(at, "duplicate", fmt.Sprintf("会前 %d 分钟的提醒重复了。", n))
		}
	}
}

// checkTimes names the faults of a meeting's beginning and end. began is set when it is already under way and only its end moves.
func checkTimes(v *model.Invalid, m *model.Meeting, now time.Time, began bool) {
	switch {
	case m.StartsAt.IsZero():
		v.Add("starts_at", "required", "请填写开始时间。")
	case !began && !m.StartsAt.After(now):
		v.Add("starts_at", "in_the_past", "开始时间应晚于现在。")
	}
	switch {
	case m.EndsAt.IsZero():
		v.Add("ends_at", "required", "请填写结束时间。")
	case m.StartsAt.IsZero():
	case !m.EndsAt.After(m.StartsAt):
		v.Add("ends_at", "before_start", "结束时间应晚于开始时间。")
	case m.EndsAt.Sub(m.StartsAt) > maxLength:
		v.Add("ends_at", "too_long", "一次会议不应超过 12 小时。")
	case began && !m.EndsAt.After(now):
		v.Add("ends_at", "in_the_past", "结束时间应晚于现在。")
	}
}

// checkHours holds the times against the working calendar. Alone it is an error of its own code; among other faults it is one more of them.
func checkHours(v *model.Invalid, m *model.Meeting, cal model.Calendar) error {
	day, working := model.Date(""), false
	if m.OverrideReason == "" && m.EndsAt.After(m.StartsAt) && !m.StartsAt.IsZero() {
		day, working = cal.WorkingDay(m.StartsAt, m.EndsAt)
	}
	if !working {
		return v.Err()
	}
	detail := cal.Reason(day) + "。请改在下班后、周末或节假日；确需在上班时间召开的，请填写理由。"
	field := model.Field{Field: "starts_at", Code: string(model.CodeWorkingHours), Detail: detail}
	if v.Err() != nil {
		v.Add(field.Field, field.Code, field.Detail)
		return v.Err()
	}
	e := model.Fail(model.CodeWorkingHours, detail)
	e.Fields = []model.Field{field}
	return e
}
