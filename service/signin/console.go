package signin

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// consoleLife is how long a code on the screen may be scanned.
const consoleLife = 3 * time.Minute

// ConsoleCode is a code on a console's screen, with the secret by which that console alone collects the session.
type ConsoleCode struct {
	ID        string
	ExpiresAt time.Time
}

// NewConsoleCode opens a code to be scanned by a phone.
func (s *Service) NewConsoleCode(ctx context.Context, device string) (*ConsoleCode, error) {
	id, err := newSecret() // unguessable: who knows it may collect the session
	if err != nil {
		return nil, err
	}
	now := s.clock()
	c := &model.ConsoleCode{ID: id[:32], State: model.ConsolePending, Device: device, ExpiresAt: now.Add(consoleLife), CreatedAt: now}
	if err := s.store.AddConsoleCode(ctx, c); err != nil {
		return nil, err
	}
	return &ConsoleCode{ID: c.ID, ExpiresAt: c.ExpiresAt}, nil
}

// PollConsoleCode tells what has become of a code; an approved one gives its session once.
func (s *Service) PollConsoleCode(ctx context.Context, id string) (model.ConsoleState, *Tokens, error) {
	now := s.clock()
	var out *Tokens
	state := model.ConsoleExpired
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		out, state = nil, model.ConsoleExpired
		c, err := tx.ConsoleCode(ctx, id)
		if err != nil {
			return err
		}
		if now.After(c.ExpiresAt) || c.State == model.ConsoleTaken {
			return nil
		}
		state = c.State
		if c.State != model.ConsoleApproved {
			return nil
		}
		mine, err := tx.MoveConsoleCode(ctx, id, model.ConsoleApproved, model.ConsoleTaken, c.MemberID)
		if err != nil || !mine {
			state = model.ConsoleExpired
			return err
		}
		out, err = s.open(ctx, tx, &model.Session{MemberID: c.MemberID, Kind: model.SessionConsole, Device: c.Device}, now)
		if err != nil {
			return err
		}
		return tx.Audit(ctx, now, &model.Actor{MemberID: c.MemberID}, "session.console", "member:"+c.MemberID, "", nil)
	})
	if err == nil && out != nil {
		err = s.withMe(ctx, out, nil)
	}
	return state, out, err
}

// ApproveConsoleCode lets the console that shows the code in as the actor. Errors: forbidden without a role, not_found, conflict when it is used or expired.
func (s *Service) ApproveConsoleCode(ctx context.Context, actor *model.Actor, id string) error {
	if !model.CanUseConsole(actor) {
		return model.Forbidden("管理后台供支部工作人员使用。")
	}
	c, err := s.store.ConsoleCode(ctx, id)
	if err != nil {
		return err
	}
	gone := model.Conflict("登录码已使用或已过期，请在电脑上刷新后重新扫码。")
	if s.clock().After(c.ExpiresAt) {
		return gone
	}
	moved, err := s.store.MoveConsoleCode(ctx, id, model.ConsolePending, model.ConsoleApproved, actor.MemberID)
	if err == nil && !moved {
		err = gone
	}
	return err
}
