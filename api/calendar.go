package api

import (
	"context"
	"fmt"

	"zhibu/model"
)

type calendarInput struct {
	Year int `query:"year" minimum:"2000" maximum:"2200" doc:"the present one when left out"`
}

type calendarDayView struct {
	Date string `json:"date"`
	Kind string `json:"kind" enum:"holiday,makeup" doc:"a day off, or a weekend day on which people work"`
	Name string `json:"name" doc:"the festival"`
}

type calendarView struct {
	Year         int               `json:"year"`
	CoveredUntil string            `json:"covered_until" doc:"the last day whose holidays are published"`
	Provisional  bool              `json:"provisional" doc:"the year's holidays are not published yet: plain weekdays are assumed"`
	Days         []calendarDayView `json:"days" nullable:"false" doc:"the exceptions to plain weekdays"`
}

func (a *API) calendar(ctx context.Context, _ *model.Actor, in *calendarInput) (calendarView, error) {
	year := in.Year
	if year == 0 {
		year = a.clock().In(model.Zone).Year()
	}
	cal, err := a.rooms.Setting.Calendar(ctx)
	if err != nil {
		return calendarView{}, err
	}
	return calendarOf(cal, year), nil
}

func calendarOf(cal model.Calendar, year int) calendarView {
	first, last := model.Date(fmt.Sprintf("%04d-01-01", year)), model.Date(fmt.Sprintf("%04d-12-31", year))
	v := calendarView{Year: year, CoveredUntil: string(cal.CoveredUntil()), Provisional: cal.Provisional(last), Days: []calendarDayView{}}
	for _, d := range cal.Days() {
		if d.Date >= first && d.Date <= last {
			v.Days = append(v.Days, calendarDayView{Date: string(d.Date), Kind: string(d.Kind), Name: d.Name})
		}
	}
	return v
}

type loadCalendarInput struct {
	Year    int    `path:"year" minimum:"2000" maximum:"2200"`
	Body    any    `doc:"a year's file of the holiday-cn form: {year, days:[{name, date, isOffDay}]}"`
	RawBody []byte // the same as it was sent, for the one who reads such files
}

func (a *API) loadCalendar(ctx context.Context, actor *model.Actor, in *loadCalendarInput) (calendarView, error) {
	cal, err := a.rooms.Setting.LoadHolidays(ctx, actor, in.Year, in.RawBody)
	if err != nil {
		return calendarView{}, err
	}
	return calendarOf(cal, in.Year), nil
}
