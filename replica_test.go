package main

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"zhibu/model/store/storetest"
)

// TestReplicaBySettings: a read replica is used by its setting alone, the doctor knows it, and losing it is no more than a word on /readyz.
func TestReplicaBySettings(t *testing.T) {
	t.Parallel()
	pair := storetest.Replicated(t)
	p := boot(t, "", map[string]string{"DATABASE_URL": pair.URL(), "DATABASE_REPLICA_URL": pair.ReplicaURL()})
	admin := p.admin()
	state := func() string { return p.must(200, "GET", "/readyz", "", nil).text("checks", "replica") }
	p.eventually("the replica is used", 30*time.Second, func() bool { return state() == "ok" })
	if out := p.command("", "doctor"); !strings.Contains(out, "[正常] 只读副本") {
		t.Errorf("the doctor: %s", out)
	}
	exported := func() string {
		t.Helper()
		rows, err := csv.NewReader(strings.NewReader(string(p.must(200, "GET", "/audit/export", admin, nil).raw))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(rows[len(rows)-1], " ")
	}
	// What the export shows is what the replica holds, as nobody but this test can make it differ.
	p.eventually("an export of the replica", 10*time.Second, func() bool {
		pair.AtReplica("UPDATE {}.audit_entries SET object = 'thing:at-replica'")
		return strings.Contains(exported(), "at-replica")
	})
	pair.Kill()
	if got := exported(); strings.Contains(got, "at-replica") {
		t.Errorf("the export after the replica's end: %s", got)
	}
	if ready := p.must(200, "GET", "/readyz", "", nil); ready.text("status") != "ready" || ready.text("checks", "replica") == "ok" {
		t.Errorf("without the replica: %s", ready.raw)
	}
	if log := p.log.String(); !strings.Contains(log, `"msg":"read replica"`) || strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("the log: %s", log)
	}
}
