// Package push is the whole life of a message to members: the outbox in the transaction of its cause, the in-app inbox, the plan of who is
// reached how and when, the delivery ledger that is also the queue, the senders, and the book of subscriptions.
package push

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

const (
	// smallAudience is written in the transaction of the cause; a larger one is expanded in chunks of chunkSize by a job, so that no lock is
	// held for long.
	smallAudience = 500
	chunkSize     = 512
	// leaseLife is how long a claimed delivery is its owner's. It is far longer than a call may take.
	leaseLife = 2 * time.Minute
)

// MediaChecks is told WeChat's verdicts on files, in the transaction of the event.
type MediaChecks interface {
	MediaChecked(ctx context.Context, tx *store.Store, m *model.WechatMedia) error
}

// Revocations is told that a user took permissions back or closed the account, in the transaction of the event.
type Revocations interface {
	Revoked(ctx context.Context, tx *store.Store, openID string, r *model.WechatRevocation) error
}

// Followers is told who follows the service account and who has left it, in the transaction of the event.
type Followers interface {
	Followed(ctx context.Context, tx *store.Store, e model.WechatEvent) error
}

// Options are what main hands the room.
type Options struct {
	Templates   map[model.Channel]Templates
	Policies    model.Policies // the hours and the budget; the built-in ones when nil
	InFlight    int            // sends at once, 200 when 0
	Rate        int            // messages a second of all processes together; 0: no limit of our own
	CallTimeout time.Duration  // of one send, 10 s when 0
	Owner       string         // names this process in claims; made up when empty
	Log         *slog.Logger
	Media       MediaChecks // may be nil
	Revocations Revocations // may be nil
	Followers   Followers   // may be nil
	Phones      Phones      // may be nil: lists of who must be phoned have masked numbers then
}

// Service is the push room. It is the Outbox of all other rooms.
type Service struct {
	store    *store.Store
	carriers map[model.Channel]Carrier
	options  Options
	log      *slog.Logger
	clock    model.Clock
	breakers breakers
	gates    gates
	figures  figures
	touched  touched
	arrivals arrivals
	check    templateCheck
	wake     chan struct{} // work for the senders
	chores   chan struct{} // work for the housekeeper
}

// New makes the room with the ways to WeChat that there are. A committed push anywhere wakes the senders of this process.
func New(s *store.Store, carriers map[model.Channel]Carrier, o Options, clock model.Clock) *Service {
	if o.InFlight <= 0 {
		o.InFlight = 200
	}
	if o.CallTimeout <= 0 {
		o.CallTimeout = 10 * time.Second
	}
	if o.Owner == "" {
		o.Owner = store.NewID()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	svc := &Service{
		store: s, carriers: carriers, options: o, log: o.Log, clock: clock, breakers: newBreakers(),
		wake: make(chan struct{}, 1), chores: make(chan struct{}, 1),
	}
	s.OnChange(model.TopicPush, func(id string) {
		svc.touched.add(id)
		svc.nudge()
	})
	return svc
}

// policy is the profile by which pushes go out now.
func (s *Service) policy() *model.Policy {
	if s.options.Policies == nil {
		return model.DefaultPolicy()
	}
	return s.options.Policies.PolicyAt(s.clock())
}

// nudge wakes senders and housekeeper before their next poll.
func (s *Service) nudge() {
	for _, c := range []chan struct{}{s.wake, s.chores} {
		select {
		case c <- struct{}{}:
		default: // a nudge is already waiting
		}
	}
}

// now is the instant of one operation, as exact as the databases keep it.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Millisecond) }

// Push puts a message into the outbox, in the transaction of its cause. A second one with the same DedupeKey is not made, and p.State stays
// empty then. What is due now and has a small audience is in the inboxes when the transaction commits; the rest is expanded at its time.
// What has become pointless by then is cancelled, and nobody gets it. The recipients of a large audience are counted before, by the caller
// or, where that left them at 0, by the job.
// Errors: validation_failed for an audience that names nobody or a kind that does not exist.
func (s *Service) Push(ctx context.Context, tx *store.Store, p *model.Push) error {
	now := s.now()
	if err := fill(p, now); err != nil {
		return err
	}
	wide, err := tx.WideAudience(ctx, p.Audience, smallAudience)
	if err != nil {
		return err
	}
	var ids []string
	if !wide {
		if ids, err = tx.AudienceIDs(ctx, p.Audience, "", smallAudience+1, false); err != nil {
			return err
		}
		if p.Recipients, wide = len(ids), len(ids) > smallAudience; wide {
			p.Recipients = 0
		}
	}
	first, err := tx.AddPush(ctx, p)
	if err != nil {
		return err
	}
	if !first {
		p.State = ""
		return nil
	}
	if p.Over(now) {
		return s.expire(ctx, tx, p, now)
	}
	if wide || p.SendAt.After(now) {
		return tx.Changed(ctx, now, model.TopicPush, p.ID)
	}
	return s.expand(ctx, tx, p, chunk{ids: ids, last: true}, now)
}

// fill sets what callers leave to the outbox, and refuses what nobody could get.
func fill(p *model.Push, now time.Time) error {
	if len(p.Kind.FieldNames()) == 0 {
		return model.BadField("kind", "not_allowed", "消息类型不正确。")
	}
	a := p.Audience
	if a.OrgID == "" && a.MeetingID == "" && len(a.MemberIDs) == 0 {
		return model.BadField("audience", "required", "请指定消息发给谁。")
	}
	if p.SendAt.IsZero() || p.SendAt.Before(now) {
		p.SendAt = now
	}
	if p.Hours == "" {
		p.Hours = model.HoursOrdinary
	}
	p.ID, p.State, p.CreatedAt, p.UpdatedAt = store.NewID(), model.PushScheduled, now, now
	p.ExpandCursor, p.ExpandedAt, p.StopReason = "", nil, "" // a transaction that is run again brings the same push
	p.SendAt = p.SendAt.UTC().Truncate(time.Millisecond)
	if p.ExpiresAt != nil {
		t := p.ExpiresAt.UTC().Truncate(time.Millisecond)
		p.ExpiresAt = &t
	}
	p.Title = model.CutRunes(model.SingleLine(p.Title), 200)
	p.Body = model.CutRunes(model.CleanText(p.Body), 5000)
	p.Reason = model.CutRunes(model.SingleLine(p.Reason), 200)
	return nil
}

// Drop cancels what has not gone out of all pushes of a subject, in the transaction of its cause, and notes the reason in the ledger. What failed
// of those that are done is not sent again either.
func (s *Service) Drop(ctx context.Context, tx *store.Store, subject, reason string) error {
	if subject == "" {
		return fmt.Errorf("drop pushes: no subject")
	}
	now := s.now()
	pushes, err := tx.LivePushesOf(ctx, subject)
	if err != nil {
		return err
	}
	for _, p := range pushes {
		to := model.PushCancelled
		if p.State == model.PushSending && p.ExpandedAt != nil {
			to = model.PushSending // it runs to its end with what has gone out
		}
		if err := s.stop(ctx, tx, &p, to, reason, now); err != nil {
			return err
		}
	}
	return tx.CloseDonePushes(ctx, subject, stopReason(reason))
}

func stopReason(reason string) string { return model.CutRunes(model.SingleLine(reason), 150) }

// expire cancels what has become pointless before it was all in the ledger, as after a stop of the program: nobody else gets a notice of it.
func (s *Service) expire(ctx context.Context, tx *store.Store, p *model.Push, now time.Time) error {
	if err := s.stop(ctx, tx, p, model.PushCancelled, p.OverReason(), now); err != nil {
		return err
	}
	p.State, p.StopReason = model.PushCancelled, p.OverReason()
	return tx.Changed(ctx, now, model.TopicPush, p.ID)
}

// stop ends a push early: nothing more is expanded, and no call is begun for what still waits. Notices already in inboxes stay there.
// A large push is closed by the job, chunk by chunk.
func (s *Service) stop(ctx context.Context, tx *store.Store, p *model.Push, to model.PushState, reason string, now time.Time) error {
	reason = stopReason(reason)
	ended, err := tx.EndPush(ctx, p.ID, p.State, to, reason, now)
	if err != nil {
		return err
	}
	if !ended {
		return errBehind
	}
	if _, err := s.closeWaiting(ctx, tx, p.ID, reason, now); err != nil {
		return err
	}
	return tx.Changed(ctx, now, model.TopicPush, p.ID)
}

// closeWaiting cancels one chunk of what waits of a stopped push, and frees what it holds. It reports whether that was all.
func (s *Service) closeWaiting(ctx context.Context, tx *store.Store, pushID, reason string, now time.Time) (bool, error) {
	rows, err := tx.WaitingDeliveries(ctx, pushID, chunkSize)
	if err != nil || len(rows) == 0 {
		return true, err
	}
	var plain []int64
	grants := map[string][]string{}
	for _, d := range rows {
		if d.Retried || d.Holds == model.HoldDoubt {
			if err := s.close(ctx, tx, d, model.DeliveryCancelled, reason, now); err != nil {
				return false, err
			}
			continue
		}
		plain = append(plain, d.ID)
		if d.Holds == model.HoldReserved {
			grants[d.TemplateID] = append(grants[d.TemplateID], d.OpenID)
		}
	}
	if err := tx.CancelDeliveries(ctx, plain, reason, now); err != nil {
		return false, err
	}
	for template, openIDs := range grants {
		if err := s.book(ctx, tx, model.QuotaRelease, template, openIDs, now); err != nil {
			return false, err
		}
	}
	return len(rows) < chunkSize, nil
}

// close ends a waiting delivery as one of the inbox alone or as cancelled, and frees what it holds. One whose first call has an unknown
// outcome stays in doubt.
func (s *Service) close(ctx context.Context, tx *store.Store, d model.Delivery, to model.DeliveryState, reason string, now time.Time) error {
	end, step := store.DeliveryEnd{State: to, Reason: reason, Retried: d.Retried}, model.QuotaNone
	switch {
	case d.Holds == model.HoldDoubt || (d.Holds == model.HoldReserved && d.Retried) || d.State == model.DeliveryInDoubt:
		end.State, end.Holds = model.DeliveryInDoubt, d.Holds
		if d.Holds == model.HoldReserved {
			end.Holds, step = model.HoldDoubt, model.QuotaDoubt
		}
		end.Reason = "微信没有明确答复，可能已经送达；" + reason
	case d.Holds == model.HoldReserved:
		step = model.QuotaRelease
	}
	done, err := tx.EndDelivery(ctx, d.ID, d.Owner, d.State, end, now)
	if err != nil || !done {
		return err
	}
	return s.book(ctx, tx, step, d.TemplateID, []string{d.OpenID}, now)
}
