// Package setting keeps what the office may change at run time: so far, the working calendar.
package setting

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"

	"zhibu/model"
	"zhibu/model/store"
)

// Service is the room.
type Service struct {
	store *store.Store
	clock model.Clock

	mu       sync.Mutex
	calendar *model.Calendar // nil when it must be read
	changes  int             // counts the changes heard of, so that what was read before one is not kept after it
}

// New makes the room. The store's change feed keeps its copy of the calendar true on every replica.
func New(s *store.Store, clock model.Clock) *Service {
	svc := &Service{store: s, clock: clock}
	s.OnChange(model.TopicCalendar, func(string) { svc.forget() })
	return svc
}

func (s *Service) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calendar, s.changes = nil, s.changes+1
}

// Calendar is the working calendar in force: the days that come with the program, and over them those that were loaded.
func (s *Service) Calendar(ctx context.Context) (model.Calendar, error) {
	s.mu.Lock()
	kept, read := s.calendar, s.changes
	s.mu.Unlock()
	if kept != nil {
		return *kept, nil
	}
	loaded, err := s.store.CalendarDays(ctx)
	if err != nil {
		return model.Calendar{}, err
	}
	days := overlay(model.BuiltinDays(), loaded)
	cal := model.NewCalendar(days, model.CoverageOf(days))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes == read {
		s.calendar = &cal
	}
	return cal, nil
}

// overlay puts the loaded days over the others. A plain workday or weekend takes away what was there.
func overlay(days, loaded []model.CalendarDay) []model.CalendarDay {
	byDate := make(map[model.Date]model.CalendarDay, len(days)+len(loaded))
	for _, d := range slices.Concat(days, loaded) {
		byDate[d.Date] = d
	}
	out := make([]model.CalendarDay, 0, len(byDate))
	for _, date := range slices.Sorted(maps.Keys(byDate)) {
		if d := byDate[date]; d.Kind == model.DayHoliday || d.Kind == model.DayMakeup {
			out = append(out, d)
		}
	}
	return out
}

// LoadHolidays takes over the State Council's notice for a year, as a file of the holiday-cn form. What was known of the year before
// and is not in it no longer holds, but for December, of which the next year's notice may have spoken.
// Errors: forbidden, validation_failed.
func (s *Service) LoadHolidays(ctx context.Context, actor *model.Actor, year int, file []byte) (model.Calendar, error) {
	if err := s.mayLoad(ctx, actor); err != nil {
		return model.Calendar{}, err
	}
	days, err := model.ParseHolidayCN(file)
	if err != nil {
		return model.Calendar{}, err
	}
	if of := yearOf(file); of != year {
		return model.Calendar{}, model.BadField("year", "mismatch", fmt.Sprintf("这是 %d 年的放假安排，与地址中的 %d 年不一致。", of, year))
	}
	now := s.clock()
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		loaded, err := tx.CalendarDays(ctx)
		if err != nil {
			return err
		}
		known := overlay(model.BuiltinDays(), loaded)
		if err := tx.PutCalendarDays(ctx, append(withdrawn(known, days, year), days...)); err != nil {
			return err
		}
		detail := map[string]string{"year": strconv.Itoa(year), "days": strconv.Itoa(len(days))}
		if err := tx.Audit(ctx, now, actor, "calendar.load", "calendar:"+strconv.Itoa(year), "", detail); err != nil {
			return err
		}
		return tx.Changed(ctx, now, model.TopicCalendar, strconv.Itoa(year))
	})
	if err != nil {
		return model.Calendar{}, err
	}
	return s.Calendar(ctx)
}

func (s *Service) mayLoad(ctx context.Context, actor *model.Actor) error {
	orgs, err := s.store.Orgs(ctx)
	if err != nil {
		return err
	}
	if !model.CanSetCalendar(actor, model.OfficePath(orgs)) {
		return model.Forbidden("放假安排由学会党办维护。")
	}
	return nil
}

// yearOf is the year that a file, which was read before, says of itself.
func yearOf(file []byte) int {
	var head struct {
		Year int `json:"year"`
	}
	const mark = "\ufeff"
	if len(file) >= len(mark) && string(file[:len(mark)]) == mark {
		file = file[len(mark):]
	}
	if json.Unmarshal(file, &head) != nil {
		return 0
	}
	return head.Year
}

// withdrawn are the known days of the year that the new notice does not name, each as the plain day that it becomes.
func withdrawn(known, days []model.CalendarDay, year int) []model.CalendarDay {
	first, last := model.Date(fmt.Sprintf("%04d-01-01", year)), model.Date(fmt.Sprintf("%04d-11-30", year))
	var plain model.Calendar
	var out []model.CalendarDay
	for _, k := range known {
		named := slices.ContainsFunc(days, func(d model.CalendarDay) bool { return d.Date == k.Date })
		if !named && k.Date >= first && k.Date <= last {
			out = append(out, model.CalendarDay{Date: k.Date, Kind: plain.Kind(k.Date)})
		}
	}
	return out
}
