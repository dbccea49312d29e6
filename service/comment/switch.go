package comment

import (
	"context"
	"strings"
	"sync"

	"zhibu/model"
	"zhibu/model/store"
)

// switches keeps where comments are open, since every list asks.
type switches struct {
	mu      sync.Mutex
	kept    *model.CommentSwitches // nil when it must be read
	changes int                    // counts the changes heard of, so that what was read before one is not kept after it
}

func (s *switches) forget(key string) {
	if !strings.HasPrefix(key, model.CommentSwitch("")) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept, s.changes = nil, s.changes+1
}

// switched lists what has a switch: the whole site, then each category.
var switched = []model.Category{"", model.CategoryTheory, model.CategoryCentral, model.CategoryLaw, model.CategoryExample, model.CategoryNews}

// Switches tell where comments are open. A switch that nobody has touched is on.
func (s *Service) Switches(ctx context.Context) (model.CommentSwitches, error) {
	s.switches.mu.Lock()
	kept, read := s.switches.kept, s.switches.changes
	s.switches.mu.Unlock()
	if kept != nil {
		return *kept, nil
	}
	now, err := readSwitches(ctx, s.store)
	if err != nil {
		return now, err
	}
	s.switches.mu.Lock()
	defer s.switches.mu.Unlock()
	if s.switches.changes == read {
		s.switches.kept = &now
	}
	return now, nil
}

func readSwitches(ctx context.Context, tx *store.Store) (model.CommentSwitches, error) {
	now := model.CommentSwitches{Categories: map[model.Category]bool{}}
	for _, c := range switched {
		v, err := tx.Setting(ctx, model.CommentSwitch(c))
		if err != nil {
			return now, err
		}
		if c == "" {
			now.Site = v != "off"
		} else {
			now.Categories[c] = v != "off"
		}
	}
	return now, nil
}

// mayset lets the office in. Errors: forbidden.
func (s *Service) mayset(ctx context.Context, actor *model.Actor) error {
	orgs, err := s.store.Orgs(ctx)
	if err != nil {
		return err
	}
	if !model.CanSetComments(actor, model.OfficePath(orgs)) {
		return model.Forbidden("评论开关由学会党办设置。")
	}
	return nil
}

// SwitchesFor tells the office where comments are open. Errors: forbidden.
func (s *Service) SwitchesFor(ctx context.Context, actor *model.Actor) (model.CommentSwitches, error) {
	if err := s.mayset(ctx, actor); err != nil {
		return model.CommentSwitches{}, err
	}
	return s.Switches(ctx)
}

// SetSwitches opens and closes comments; what is not named stays as it is. The empty category is the whole site.
// It holds on every replica as soon as it hears of it. Errors: forbidden.
func (s *Service) SetSwitches(ctx context.Context, actor *model.Actor, to map[model.Category]bool) (model.CommentSwitches, error) {
	if err := s.mayset(ctx, actor); err != nil {
		return model.CommentSwitches{}, err
	}
	now := s.clock()
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		detail := map[string]string{}
		for _, c := range switched {
			open, named := to[c]
			if !named {
				continue
			}
			value := "off"
			if open {
				value = "on"
			}
			name := model.CommentSwitch(c)
			detail[name] = value
			if err := tx.PutSetting(ctx, name, value, now); err != nil {
				return err
			}
			if err := tx.Changed(ctx, now, model.TopicSetting, name); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, now, actor, "setting.comments", "setting:comments", "", detail)
	})
	if err != nil {
		return model.CommentSwitches{}, err
	}
	return s.Switches(ctx)
}
