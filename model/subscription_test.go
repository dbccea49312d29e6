package model

import (
	"testing"

	"pgregory.net/rapid"
)

// platform is what WeChat itself would know: how many messages a user may still get.
type platform struct{ left int }

// Thousands of interleavings of grants, sends, crashes, timeouts, late events and refusals: the book adds up after each, and no step
// goes through that the book does not allow.
func TestBookAlwaysAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q, w := Quota{}, platform{}
		reserved, doubt := 0, 0 // what the deliveries hold, kept apart from the book
		do := func(step QuotaStep) bool {
			next, ok := q.After(step)
			if ok == (next == q) && step != QuotaRevoke {
				t.Fatalf("%s said %v and led from %+v to %+v", step, ok, q, next)
			}
			q = next
			return ok
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"accept", "claim", "answer", "timeout", "back", "retry", "event", "none", "revoke"}).Draw(t, "what") {
			case "accept":
				do(QuotaGrant)
				w.left++
			case "claim":
				if do(QuotaReserve) {
					reserved++
				}
			case "answer": // WeChat takes it, or knows of no grant
				if w.left > 0 && do(QuotaSpend) {
					w.left--
					reserved--
				} else if w.left == 0 && do(QuotaRefuse) {
					reserved--
				}
			case "timeout": // with or without a delivery on the other side
				if do(QuotaDoubt) {
					reserved, doubt = reserved-1, doubt+1
					if rapid.Bool().Draw(t, "arrived") && w.left > 0 {
						w.left--
					}
				}
			case "back": // a stop, or a lease that ended before the call
				if do(QuotaRelease) {
					reserved--
				}
			case "retry":
				if do(QuotaRetry) {
					reserved, doubt = reserved+1, doubt-1
				}
			case "event":
				if do(QuotaSettle) {
					doubt--
				}
			case "none":
				if do(QuotaRefuse) {
					reserved--
				}
			case "revoke":
				do(QuotaRevoke)
				w.left = 0
			}
			if !q.Balanced() || q.Reserved != reserved || q.InDoubt != doubt {
				t.Fatalf("%+v with %d reserved and %d in doubt", q, reserved, doubt)
			}
		}
	})
}

func TestImpossibleBookings(t *testing.T) {
	for _, step := range []QuotaStep{QuotaReserve, QuotaSpend, QuotaRelease, QuotaDoubt, QuotaRetry, QuotaSettle, QuotaRefuse, QuotaNone, "nonsense"} {
		if got, ok := (Quota{}).After(step); ok || got != (Quota{}) {
			t.Errorf("%q on an empty book: %+v %v", step, got, ok)
		}
	}
	// 43101 in the middle of a send voids what is left too.
	q := Quota{Granted: 5, Available: 2, Reserved: 1, Spent: 1, InDoubt: 1}
	if got, ok := q.After(QuotaRefuse); !ok || got != (Quota{Granted: 5, Spent: 1, Void: 3, InDoubt: 1}) {
		t.Errorf("refused: %+v %v", got, ok)
	}
}
