package push

import (
	"context"
	"strings"
	"sync"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// How often the accounts' own template lists are looked at: at the start, every hour, and at once when a card is refused for its words, but
// not more than once a minute.
const (
	checkEvery  = time.Hour
	recheckWait = time.Minute
)

// templateCheck is when the lists were looked at, and whether somebody wants them looked at again.
type templateCheck struct {
	mu     sync.Mutex
	last   time.Time
	wanted bool
	enums  map[string]map[string][]string // by template and key
}

// recheck has the templates compared with WeChat's list soon: a card that was refused may mean that the template's keys have changed.
func (s *Service) recheck() {
	s.check.mu.Lock()
	defer s.check.mu.Unlock()
	s.check.wanted = true
}

func (s *Service) checkIsDue(now time.Time) bool {
	s.check.mu.Lock()
	defer s.check.mu.Unlock()
	age := now.Sub(s.check.last).Abs()
	if s.check.last.IsZero() || age >= checkEvery || (s.check.wanted && age >= recheckWait) {
		s.check.last, s.check.wanted = now, false
		return true
	}
	return false
}

// checkTemplates compares the settings with what the accounts have. A template that is gone or whose keys do not fit goes out of service with
// an alarm, and comes back when it fits again. A WeChat that does not answer changes nothing.
func (s *Service) checkTemplates(ctx context.Context) error {
	if !s.checkIsDue(s.now()) {
		return nil
	}
	for c, carrier := range s.carriers {
		if carrier == nil || len(s.options.Templates[c]) == 0 {
			continue
		}
		facts, err := carrier.Templates(ctx)
		if err != nil {
			s.log.WarnContext(ctx, "templates not compared with wechat's list", "channel", c, "cause", err)
			continue
		}
		s.check.learn(facts)
		if err := s.apply(ctx, c, model.CheckTemplates(s.options.Templates[c], facts)); err != nil {
			return err
		}
	}
	return nil
}

// learn keeps what the accounts say of enumerated keys.
func (c *templateCheck) learn(facts []model.TemplateFact) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.enums == nil {
		c.enums = map[string]map[string][]string{}
	}
	for _, f := range facts {
		c.enums[f.ID] = f.Enums
	}
}

// among are the values that a key may take; none means any.
func (c *templateCheck) among(templateID, key string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.enums[templateID][key]
}

// mismatch marks the gates that the comparison shut, which it may open again; one that WeChat shut by a ban rests for its day.
const mismatch = "设置与微信后台不符："

// apply shuts and opens the gates of a channel's templates as the faults have it.
func (s *Service) apply(ctx context.Context, c model.Channel, faults []model.TemplateFault) error {
	why := map[string][]string{}
	for _, f := range faults {
		s.log.ErrorContext(ctx, "template does not fit its settings", "channel", c, "kind", f.Kind, "template", f.TemplateID, "fault", f.Error())
		if f.Fatal() {
			why[f.TemplateID] = append(why[f.TemplateID], f.Error())
		}
	}
	return s.store.Tx(ctx, func(tx *store.Store) error {
		now := s.now()
		for kind, t := range s.options.Templates[c] {
			if len(why[t.ID]) > 0 {
				if err := s.templateDown(ctx, tx, t.ID, kind, Verdict{ErrMsg: mismatch + strings.Join(why[t.ID], "；")}, now); err != nil {
					return err
				}
				continue
			}
			opened, err := tx.OpenGateOf(ctx, model.GateTemplate+t.ID, mismatch, now)
			if err != nil {
				return err
			}
			if opened {
				s.log.InfoContext(ctx, "template back in service", "channel", c, "kind", kind, "template", t.ID)
				tx.After(func() { s.gates.forget(model.GateTemplate + t.ID) })
			}
		}
		return nil
	})
}
