package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zhibu/demo"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/content"
	"zhibu/service/meeting"
	"zhibu/service/member"
	"zhibu/service/push"
	"zhibu/service/reminder"
	"zhibu/service/setting"
	"zhibu/service/signin"
	"zhibu/service/suggestion"
)

// demoMark is the setting that tells a demonstration's database from a real one.
const demoMark = "demo"

// loadDemo fills an empty database with the demonstration society, in one transaction. A database that holds anything else is left alone.
func (h *house) loadDemo(ctx context.Context, world *demo.World) error {
	mark, err := h.store.Setting(ctx, demoMark)
	if err != nil || mark != "" {
		return err
	}
	orgs, err := h.store.Orgs(ctx)
	if err != nil {
		return err
	}
	accounts, err := h.store.CountCredentials(ctx)
	if err != nil {
		return err
	}
	if len(orgs) > 0 || accounts > 0 {
		return fmt.Errorf("the data directory %s holds a real installation: set ZHIBU_DATA_DIR to another directory for the demonstration", h.cfg.DataDir)
	}
	// The stage has a store of its own, so that what its rooms listen to ends with it.
	s, err := store.Open(ctx, h.cfg.DatabaseURL, h.cfg.DataDir, h.clock)
	if err != nil {
		return err
	}
	err = s.Tx(ctx, func(tx *store.Store) error {
		st := h.stage(tx, world)
		for _, act := range []func(context.Context) error{st.orgs, st.people, st.writeArticles, st.reading, st.comments, st.suggestions, st.meetings, st.reminders} {
			if err := act(ctx); err != nil {
				return err
			}
		}
		return tx.PutSetting(ctx, demoMark, "1", h.clock())
	})
	return errors.Join(err, s.Close())
}

// stage replays the society's life through the rooms themselves, with a clock that stands at the time of each act: so every state is one that
// the program can reach.
type stage struct {
	*demo.World
	tx  *store.Store
	at  time.Time
	now time.Time

	member     *member.Service
	content    *content.Service
	suggestion *suggestion.Service
	meeting    *meeting.Service
	reminder   *reminder.Service
	outbox     *push.Service

	org     map[string]*model.Org
	actor   map[string]*model.Actor
	article map[string]string
}

// silent is an outbox for what happened long ago.
type silent struct{}

// Push tells nobody.
func (silent) Push(context.Context, *store.Store, *model.Push) error { return nil }

// Drop has nothing to take back.
func (silent) Drop(context.Context, *store.Store, string, string) error { return nil }

func (h *house) stage(tx *store.Store, world *demo.World) *stage {
	st := &stage{World: world, tx: tx, now: h.clock(), org: map[string]*model.Org{}, actor: map[string]*model.Actor{}, article: map[string]string{}}
	clock := func() time.Time { return st.at.UTC().Truncate(time.Millisecond) }
	settings := setting.New(tx, clock)
	files := suggestionFiles{h.upload, tx}
	carriers, templates := h.carriers()
	st.outbox = push.New(tx, carriers, push.Options{Templates: templates, Log: h.log}, clock)
	st.member = member.New(tx, h.vault, silent{}, clock)
	st.content = content.New(tx, silent{}, files, nil, clock)
	st.suggestion = suggestion.New(tx, h.vault, files, st.outbox, settings, h.policy, clock)
	st.meeting = meeting.New(tx, st.outbox, settings, h.policy, h.vault, clock)
	st.reminder = reminder.New(tx, st.outbox, tx, settings, clock)
	return st
}

// founded is when the society's tree was made.
func (st *stage) founded() time.Time { return st.now.AddDate(-1, 0, 0) }

func (st *stage) orgs(ctx context.Context) error {
	for i, o := range st.Orgs {
		row := &model.Org{ID: store.NewID(), Kind: model.OrgKind(o.Kind), Name: o.Name, Version: 1, CreatedAt: st.founded().Add(time.Duration(i) * time.Second), UpdatedAt: st.founded()}
		row.Path = model.PathUnder("", row.ID)
		if up := st.org[o.Parent]; up != nil {
			row.ParentID, row.Path, row.Depth = &up.ID, model.PathUnder(up.Path, row.ID), up.Depth+1
		}
		if err := st.tx.AddOrg(ctx, row); err != nil {
			return err
		}
		st.org[o.Key] = row
	}
	return nil
}

func (st *stage) people(ctx context.Context) error {
	for _, p := range st.People {
		m, err := st.member.NewMember(member.Details{Name: p.Name, Phone: p.Phone, PartyStatus: model.PartyStatus(p.PartyStatus), Employer: p.Employer, Title: p.Title}, st.founded())
		if err != nil {
			return fmt.Errorf("%s: %w", p.Key, err)
		}
		if p.Bound {
			at := p.BoundAt.UTC()
			m.ConsentVersion, m.ConsentAt = signin.ConsentVersion, &at
		}
		if err := st.tx.AddMember(ctx, m); err != nil {
			return err
		}
		a := &model.Actor{SessionID: "demo", MemberID: m.ID, Name: m.Name, PartyStatus: m.PartyStatus, Consent: signin.ConsentVersion, OpenID: p.OpenID}
		st.actor[p.Key] = a
		for _, place := range p.Memberships {
			if err := st.place(ctx, a, place); err != nil {
				return err
			}
		}
		if !p.Bound {
			continue
		}
		at := p.BoundAt.UTC()
		identity := &model.Identity{ID: store.NewID(), OpenID: p.OpenID, UnionID: p.UnionID(), MemberID: &m.ID, BoundAt: &at, LastSeenAt: at, CreatedAt: at}
		if err := st.tx.AddIdentity(ctx, identity); err != nil {
			return err
		}
		if err := st.subscriptions(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// subscriptions are the messages that a person has allowed: most people one or two of each kind, and those to sign in as three.
func (st *stage) subscriptions(ctx context.Context, p demo.Person) error {
	n := int(p.Phone[len(p.Phone)-1]-'0') % 3 // by the phone's last digit, so that it is the same each time
	for _, persona := range st.Personas {
		if persona.Person == p.Key {
			n = 3
		}
	}
	for _, t := range st.Templates {
		if n == 0 {
			break
		}
		if err := st.tx.OpenQuota(ctx, p.OpenID, t.ID, model.QuotaKind(t.Kind), p.BoundAt); err != nil {
			return err
		}
		for range n {
			if _, err := st.tx.MoveQuotas(ctx, model.QuotaGrant, t.ID, []string{p.OpenID}, p.BoundAt); err != nil {
				return err
			}
		}
	}
	return nil
}

// remember gives the stand-in, which forgets at each end, the grants that the program's books hold: also those that a waiting message has taken.
func (h *house) remember(ctx context.Context, sim *simulator) error {
	for _, p := range sim.world.People {
		books, err := h.store.Quotas(ctx, p.OpenID)
		if err != nil {
			return err
		}
		for id, q := range books {
			if err := sim.server.Grant(p.OpenID, id, q.Available+q.Reserved); err != nil {
				return err
			}
		}
	}
	return nil
}

// place puts a person into an organisation with the roles held there.
func (st *stage) place(ctx context.Context, a *model.Actor, p demo.Membership) error {
	o := st.org[p.Org]
	row := &model.Membership{ID: store.NewID(), MemberID: a.MemberID, OrgID: o.ID, OrgPath: o.Path, CreatedAt: st.founded().Add(time.Duration(len(a.Places)) * time.Second)}
	if a.PartyStatus.InParty() {
		row.JoinedOn = model.Date(p.JoinedOn)
	}
	if err := st.tx.AddMembership(ctx, row); err != nil {
		return err
	}
	a.Places = append(a.Places, model.Place{OrgID: o.ID, Path: o.Path})
	for _, r := range p.Roles {
		role := model.Role(r)
		if role == model.RoleMember {
			continue
		}
		if err := st.tx.AddGrant(ctx, &model.Grant{ID: store.NewID(), MemberID: a.MemberID, OrgID: o.ID, OrgPath: o.Path, Role: role, CreatedAt: row.CreatedAt}); err != nil {
			return err
		}
		a.Powers = append(a.Powers, model.Power{OrgID: o.ID, Path: o.Path, Role: role})
	}
	return nil
}
