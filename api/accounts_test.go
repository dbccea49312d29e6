package api_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// failuresTold are the details of the audit's entries about wrong passwords, by what they speak of.
func (h *accountHouse) failuresTold() map[string][]map[string]string {
	h.t.Helper()
	entries, _, err := h.store.AuditEntries(context.Background(), store.AuditFilter{}, model.Page{Limit: 100})
	if err != nil {
		h.t.Fatal(err)
	}
	out := map[string][]map[string]string{}
	for _, e := range entries {
		if e.Action == "account.failed" || e.Action == "account.locked" {
			key := e.Action + " unknown"
			if e.Object != "account:unknown" {
				key = e.Action + " known"
			}
			out[key] = append(out[key], e.Detail)
		}
	}
	return out
}

func (h *accountHouse) wrong(username string, times int) {
	h.t.Helper()
	for range times {
		h.must(401, "unauthenticated", "POST", "/auth/password", "", `{"username":"`+username+`","password":"not the password"}`)
	}
}

// TestFailuresAreCountedInTheAudit: each wrong password counts, and many of them make few entries.
func TestFailuresAreCountedInTheAudit(t *testing.T) {
	h := newAccountHouse(t)
	tell := func() {
		t.Helper()
		if err := h.signin.TellFailures(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	h.wrong("office", 3)
	tell()
	if got := h.failuresTold(); len(got) != 0 {
		t.Errorf("the person may still be trying: %v", got)
	}
	h.password(200, "", "")
	if got := h.failuresTold()["account.failed known"]; len(got) != 1 || got[0]["failures"] != "3" {
		t.Errorf("then the right one: %v", got)
	}
	h.wrong("office", 2)
	h.pass(16 * time.Minute)
	h.wrong("office", 2) // a new window, and nothing of the first is lost
	h.pass(16 * time.Minute)
	tell()
	tell()
	if got := h.failuresTold()["account.failed known"]; len(got) != 2 || got[0]["failures"] != "4" {
		t.Errorf("given up: %v", got)
	}
	h.wrong("office", 5)
	h.must(429, "login_locked", "POST", "/auth/password", "", `{"username":"office","password":"not the password"}`)
	if got := h.failuresTold()["account.locked known"]; len(got) != 1 || got[0]["failures"] != "5" {
		t.Errorf("locked: %v", got)
	}
	for i := range 12 { // somebody tries names
		h.wrong(fmt.Sprintf("name-%d", i), 1)
	}
	tell()
	h.pass(16 * time.Minute)
	tell()
	got := h.failuresTold()
	if strangers := got["account.failed unknown"]; len(strangers) != 1 || strangers[0]["failures"] != "12" || strangers[0]["names"] != "12" {
		t.Errorf("names that are none's: %v", strangers)
	}
	if len(got["account.failed known"]) != 2 {
		t.Errorf("what the lock has told is not told again: %v", got)
	}
	h.password(200, "", "")
}

// TestUnknownNamesTakeAsLong: who guesses cannot tell by the time, nor by the answer, which names there are.
func TestUnknownNamesTakeAsLong(t *testing.T) {
	h := newAccountHouse(t)
	ctx := context.Background()
	for _, c := range []model.Credential{{Username: "waiting", MemberID: "m1", SetupHash: "x"}, {Username: "closed", MemberID: "m2", PasswordHash: strangeHash}} {
		c.CreatedAt, c.UpdatedAt = h.tell(), h.tell()
		if c.Username == "closed" {
			at := h.tell()
			c.DisabledAt = &at
		}
		if err := h.store.AddCredential(ctx, &c); err != nil {
			t.Fatal(err)
		}
	}
	took, answers := map[string][]time.Duration{}, map[string]bool{}
	names := []string{"office", "nobody", "waiting", "closed"}
	for range 4 { // fewer than lock a name
		for _, name := range names {
			began := time.Now()
			got := h.must(401, "unauthenticated", "POST", "/auth/password", "", `{"username":"`+name+`","password":"not the password"}`)
			took[name] = append(took[name], time.Since(began))
			answers[text(got, "detail")+text(got, "title")] = true
		}
	}
	if len(answers) != 1 {
		t.Errorf("the answers differ: %v", answers)
	}
	// Hashing takes a hundred times what all the rest does, so that a name that is not hashed for shows, on a busy machine too.
	known := slices.Min(took["office"])
	for _, name := range names {
		if least := slices.Min(took[name]); least < known/2 || least > known*2 {
			t.Errorf("%s takes %s, and a name that is there %s", name, least, known)
		}
	}
}

const strangeHash = "$argon2id$v=19$m=65536,t=3,p=2$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
