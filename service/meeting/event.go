package meeting

import (
	"context"
	"fmt"
	"slices"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

const (
	maxEventDays = 31
	maxSessions  = 100
)

// EventDraft makes a congress; in a change, nil fields stay.
type EventDraft struct {
	OrgID            string
	Name, Place      *string
	StartsOn, EndsOn *model.Date
	Sessions         *[]model.EventSession
	Version          int // what the editor read, 0 when the client did not say
}

func (d EventDraft) apply(e *model.Event) {
	if d.Name != nil {
		e.Name = model.SingleLine(*d.Name)
	}
	if d.Place != nil {
		e.Place = model.SingleLine(*d.Place)
	}
	set(&e.StartsOn, d.StartsOn)
	set(&e.EndsOn, d.EndsOn)
	if d.Sessions == nil {
		return
	}
	e.Sessions = make([]model.EventSession, len(*d.Sessions))
	for i, x := range *d.Sessions {
		x.Title, x.Place = model.SingleLine(x.Title), model.SingleLine(x.Place)
		x.StartsAt, x.EndsAt = x.StartsAt.UTC().Truncate(time.Second), x.EndsAt.UTC().Truncate(time.Second)
		e.Sessions[i] = x
	}
	slices.SortStableFunc(e.Sessions, func(a, b model.EventSession) int { return a.StartsAt.Compare(b.StartsAt) })
}

func checkEvent(e *model.Event) error {
	var v model.Invalid
	checkText(&v, "name", "活动名称", e.Name, maxTopic, true)
	checkText(&v, "place", "活动地点", e.Place, maxPlace, false)
	days := e.StartsOn.Valid() && e.EndsOn.Valid()
	switch {
	case !e.StartsOn.Valid():
		v.Add("starts_on", "invalid_date", "开始日期格式应如 2026-11-23。")
	case !e.EndsOn.Valid():
		v.Add("ends_on", "invalid_date", "结束日期格式应如 2026-11-23。")
	case e.EndsOn < e.StartsOn:
		v.Add("ends_on", "before_start", "结束日期不应早于开始日期。")
	case e.StartsOn.Add(maxEventDays) <= e.EndsOn:
		v.Add("ends_on", "too_long", fmt.Sprintf("一次活动不应超过 %d 天。", maxEventDays))
	}
	if len(e.Sessions) > maxSessions {
		v.Add("sessions", "too_many", fmt.Sprintf("日程最多 %d 项。", maxSessions))
	}
	for i, x := range e.Sessions {
		at := fmt.Sprintf("sessions[%d]", i)
		checkText(&v, at+".title", fmt.Sprintf("第 %d 项日程的标题", i+1), x.Title, maxTopic, true)
		checkText(&v, at+".place", fmt.Sprintf("第 %d 项日程的地点", i+1), x.Place, maxPlace, false)
		switch {
		case !x.EndsAt.After(x.StartsAt):
			v.Add(at+".ends_at", "before_start", "日程的结束时间应晚于开始时间。")
		case days && !e.Holds(x.Span()):
			v.Add(at+".starts_at", "outside", "日程应在活动的日期之内。")
		}
	}
	return v.Err()
}

// AddEvent puts a congress of an organisation into its calendar. Errors: not_found and forbidden for the organisation, validation_failed.
func (s *Service) AddEvent(ctx context.Context, actor *model.Actor, d EventDraft) (*model.Event, error) {
	now := s.clock()
	if d.OrgID == "" {
		return nil, model.BadField("org_id", "required", "请选择举办活动的组织。")
	}
	org, err := s.store.Org(ctx, d.OrgID)
	if err != nil {
		return nil, err
	}
	e := &model.Event{ID: store.NewID(), OrgID: org.ID, OrgPath: org.Path, CreatedBy: actor.MemberID, CreatedAt: now, UpdatedAt: now}
	if err := keepsEvents(actor, e); err != nil {
		return nil, err
	}
	d.apply(e)
	if err := checkEvent(e); err != nil {
		return nil, err
	}
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		if err := tx.AddEvent(ctx, e); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "event.create", "event:"+e.ID, e.OrgID, map[string]string{"name": e.Name})
	})
	return e, err
}

// keepsEvents refuses who may not keep a congress; for whom it is not there, it is not found.
func keepsEvents(actor *model.Actor, e *model.Event) error {
	switch {
	case !model.CanSeeEvent(actor, e):
		return model.NotFound("该活动")
	case !model.CanKeepEvents(actor, e.OrgPath):
		return model.Forbidden("活动日程由党办维护。")
	}
	return nil
}

// Event reads a congress. Errors: not_found.
func (s *Service) Event(ctx context.Context, actor *model.Actor, id string) (*model.Event, error) {
	e, err := s.store.Event(ctx, id)
	if err == nil && !model.CanSeeEvent(actor, e) {
		return nil, model.NotFound("该活动")
	}
	return e, err
}

// ChangeEvent edits a congress. Errors: not_found, forbidden, edit_conflict, validation_failed.
func (s *Service) ChangeEvent(ctx context.Context, actor *model.Actor, id string, d EventDraft) (*model.Event, error) {
	now := s.clock()
	var e *model.Event
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		var err error
		if e, err = tx.Event(ctx, id); err != nil {
			return err
		}
		if err := keepsEvents(actor, e); err != nil {
			return err
		}
		if d.Version != 0 && d.Version != e.Version {
			return model.Fail(model.CodeEditConflict, "该活动刚被他人修改，请刷新后再试。")
		}
		d.apply(e)
		e.UpdatedAt = now
		if err := checkEvent(e); err != nil {
			return err
		}
		if err := tx.SaveEvent(ctx, e); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "event.change", "event:"+id, e.OrgID, nil)
	})
	return e, err
}

// DropEvent takes a congress out of the calendar; the meetings within it stay. Errors: not_found, forbidden.
func (s *Service) DropEvent(ctx context.Context, actor *model.Actor, id string) error {
	now := s.clock()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		e, err := tx.Event(ctx, id)
		if err != nil {
			return err
		}
		if err := keepsEvents(actor, e); err != nil {
			return err
		}
		if err := tx.DropEvent(ctx, id); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "event.delete", "event:"+id, e.OrgID, map[string]string{"name": e.Name})
	})
}

// EventQuery narrows the list of congresses.
type EventQuery struct {
	OrgID    string // those that concern it: its own and those of the organisations above
	From, To model.Date
	Page     model.Page
}

// Events lists the congresses that concern the actor, by their first day. Errors: not_found for the organisation, validation_failed.
func (s *Service) Events(ctx context.Context, actor *model.Actor, q EventQuery) ([]model.Event, string, error) {
	var v model.Invalid
	for field, d := range map[string]model.Date{"from": q.From, "to": q.To} {
		if d != "" && !d.Valid() {
			v.Add(field, "invalid_date", "日期格式应如 2026-11-23。")
		}
	}
	if err := v.Err(); err != nil {
		return nil, "", err
	}
	orgs, err := s.store.Orgs(ctx)
	if err != nil {
		return nil, "", err
	}
	var paths []string
	about := ""
	for _, o := range orgs {
		if o.ID == q.OrgID && model.CanSeeOrg(actor, o.Path) {
			about = o.Path
		}
	}
	if q.OrgID != "" && about == "" {
		return nil, "", model.NotFound("该组织")
	}
	for _, o := range orgs {
		if model.CanSeeOrg(actor, o.Path) && (about == "" || model.Within(about, o.Path)) {
			paths = append(paths, o.Path)
		}
	}
	return s.store.Events(ctx, store.EventFilter{Paths: paths, From: q.From, To: q.To}, q.Page)
}

// eventsOver are the congresses that concern the organisation at path and touch the days, at most a hundred.
func (s *Service) eventsOver(ctx context.Context, path string, from, to model.Date) ([]model.Event, error) {
	var paths []string
	at := "/"
	for _, id := range model.PathIDs(path) {
		at += id + "/"
		paths = append(paths, at)
	}
	rows, _, err := s.store.Events(ctx, store.EventFilter{Paths: paths, From: from, To: to}, model.Page{Limit: 100})
	return rows, err
}
