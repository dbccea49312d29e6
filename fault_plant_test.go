package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"zhibu/demo"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// faultTitle is what the cards of these tests carry, and by which WeChat's side tells them.
const faultTitle = "学术年会期间支部活动安排"

// plant is a society of many members with subscriptions, the program as a process over it, and WeChat's ear.
type plant struct {
	*process
	ear     *ear
	members int
	grants  int
	org     string
	token   string
	random  *rand.Rand
	rang    func(openID, title string) int // how often a push reached somebody's WeChat
	wrong   int                            // faults found
	direct  string                         // the database's address where the program's own leads through a proxy
}

// fault notes what is wrong; of thousands of deliveries that are wrong in one way the first are enough.
func (p *plant) fault(format string, args ...any) {
	p.t.Helper()
	if p.wrong++; p.wrong <= 20 {
		p.t.Errorf(format, args...)
	}
}

// plain tells that a test is left to the run without the race detector, which makes the program five times slower: what the test adds to the others
// is no code of ours that runs at once.
func plain() bool { return !underRace }

// onEach runs a test of faults on the embedded database, and again on MariaDB unless the race detector is on.
func onEach(t *testing.T, live func(t *testing.T, env map[string]string)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { live(t, map[string]string{}) })
	if underRace {
		return
	}
	t.Run("mariadb", func(t *testing.T) { live(t, map[string]string{"DATABASE_URL": storetest.MariaDBURL(t)}) })
}

// newPlant builds everything and starts nothing: the caller spawns. members have each so many grants of every template, in our book and in WeChat's.
func newPlant(t *testing.T, env map[string]string, members, grants int, takes time.Duration) *plant {
	t.Helper()
	p := emptyPlant(t, env, takes)
	p.members, p.grants = members, grants
	p.settle()
	p.office()
	return p
}

// emptyPlant is newPlant with an empty database.
func emptyPlant(t *testing.T, env map[string]string, takes time.Duration) *plant {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("ZHIBU_FAULT_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("ZHIBU_FAULT_SEED=%d tosses the same again", seed)
	p := &plant{ear: listen(t, seed, takes), random: rand.New(rand.NewPCG(seed, 2))}
	p.rang = p.ear.rang
	p.process = &process{program: &program{t: t, dir: t.TempDir(), env: map[string]string{}, log: &logBook{}}}
	maps.Copy(p.env, map[string]string{
		"LISTEN": "127.0.0.1:0", "ADMIN_LISTEN": "127.0.0.1:0", "DATA_DIR": filepath.Join(p.dir, "data"), "WECHAT_BASE_URL": p.ear.url,
		"WECHAT_MINIPROGRAM_APPID": testAppID, "WECHAT_MINIPROGRAM_SECRET": testSecret, "WECHAT_MINIPROGRAM_TOKEN": testToken, "WECHAT_MINIPROGRAM_AES_KEY": testAESKey,
		"WECHAT_TEMPLATES": demo.WeChatTemplates(), "SECRET_KEY": "the secret key of the stories, long enough", "PUSH_IN_FLIGHT": "50", "LIMITS": "off",
	})
	maps.Copy(p.env, env)
	p.clockAt("2026-11-24T19:00:00+08:00") // a Tuesday evening, when phones may ring
	t.Cleanup(p.stopIfRunning)
	return p
}

// office makes the account with which the tests sign in.
func (p *plant) office() {
	p.t.Helper()
	p.account("office")
}

// clockAt sets the program's clock for its next start.
func (p *plant) clockAt(clock string) {
	p.t.Helper()
	at, err := time.Parse(time.RFC3339, clock)
	if err != nil {
		p.t.Fatal(err)
	}
	running := newClock(at)
	p.time.Store(&running)
	p.env["CLOCK"] = at.Format(time.RFC3339Nano)
}

// later sets the clock so much after what it shows, for the next start: waits of minutes are over then, without waiting.
func (p *plant) later(d time.Duration) {
	p.clockAt(p.now().Add(d).Format(time.RFC3339Nano))
}

// passes are the waits for a lease to end and for WeChat's word about a doubt, both of two minutes.
const passes = 3 * time.Minute

// settle writes the society into the empty database, as the program's own migrations make it.
func (p *plant) settle() {
	p.t.Helper()
	p.write(p.people)
}

// write changes the database while no program runs on it.
func (p *plant) write(what func(ctx context.Context, tx *store.Store, now time.Time) error) {
	p.t.Helper()
	ctx, clock := context.Background(), func() time.Time { return p.now().UTC().Truncate(time.Millisecond) }
	s, err := store.Open(ctx, p.env["DATABASE_URL"], p.env["DATA_DIR"], clock)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := errors.Join(s.Migrate(ctx), s.Tx(ctx, func(tx *store.Store) error { return what(ctx, tx, clock()) }), s.Close()); err != nil {
		p.t.Fatal(err)
	}
}

func (p *plant) people(ctx context.Context, tx *store.Store, now time.Time) error {
	p.org = store.NewID()
	root := &model.Org{ID: p.org, Kind: model.OrgSociety, Name: "康复医学会党委", Path: model.PathUnder("", p.org), Version: 1, CreatedAt: now}
	members, places, openIDs := make([]*model.Member, p.members), make([]*model.Membership, p.members), make([]string, p.members)
	for i := range members {
		members[i] = &model.Member{ID: store.NewID(), Name: fmt.Sprintf("成员%05d", i), PartyStatus: model.PartyFull}
		places[i] = &model.Membership{ID: store.NewID(), MemberID: members[i].ID, OrgID: root.ID, OrgPath: root.Path}
		openIDs[i] = openIDOf(i)
		p.ear.grants[openIDs[i]] = p.grants
	}
	if err := errors.Join(tx.AddOrg(ctx, root), tx.AddMembers(ctx, members), tx.AddMemberships(ctx, places)); err != nil {
		return err
	}
	for i, m := range members {
		if err := tx.AddIdentity(ctx, &model.Identity{ID: store.NewID(), OpenID: openIDs[i], MemberID: &m.ID, BoundAt: &now, LastSeenAt: now}); err != nil {
			return err
		}
	}
	return p.subscribe(ctx, tx, announcementTemplate, openIDs, now)
}

// subscribe books the grants of a template for these users.
func (p *plant) subscribe(ctx context.Context, tx *store.Store, template string, openIDs []string, now time.Time) error {
	for _, openID := range openIDs {
		if err := tx.OpenQuota(ctx, openID, template, model.QuotaOneTime, now); err != nil {
			return err
		}
	}
	for range p.grants {
		for start := 0; start < len(openIDs); start += 500 {
			if _, err := tx.MoveQuotas(ctx, model.QuotaGrant, template, openIDs[start:min(start+500, len(openIDs))], now); err != nil {
				return err
			}
		}
	}
	return nil
}

// openIDOf is the WeChat user of a member.
func openIDOf(i int) string { return fmt.Sprintf("openid-%05d", i) }

// up starts the program, the first time signing the office in. The clock runs on, unless it was set just now.
func (p *plant) up() {
	p.t.Helper()
	p.later(0)
	p.spawn()
	if p.token == "" {
		p.signIn()
	}
}

func (p *plant) signIn() {
	p.t.Helper()
	p.token = p.must(200, "POST", "/auth/password", "", object{"username": "office", "password": "a long enough password"}).text("access_token")
}

// announcement is the body of a push to everybody.
func (p *plant) announcement(title string) object {
	return object{"org_id": p.org, "kind": "announcement", "title": title, "urgent_reason": "会议改期", "audience": object{"org_id": p.org}}
}

// announce sends a push to everybody, and returns its id.
func (p *plant) announce() string {
	p.t.Helper()
	made := p.must(201, "POST", "/pushes", p.token, p.announcement(faultTitle))
	if made.number("recipients") != p.members {
		p.t.Fatalf("recipients: %s", made.raw)
	}
	return made.text("id")
}

// push is a push with its counts, whose sum must be its recipients at any time.
func (p *plant) push(id string) object {
	p.t.Helper()
	r := p.must(200, "GET", "/pushes/"+id, p.token, nil)
	c, sum := object(r.at("counts").(map[string]any)), 0
	for k := range c {
		if k != "recipients" {
			sum += c.number(k)
		}
	}
	if c.number("recipients") != p.members || sum != p.members {
		p.t.Errorf("the states do not add up to %d: %s", p.members, r.raw)
	}
	return r.object
}

// busy counts what is to be done about a push at this hour: what is due, under way, claimed, or not yet in the ledger.
func (p *plant) busy(id string) (n int) {
	p.t.Helper()
	p.query(func(r *sql.Rows) error {
		var all, now int
		err := r.Scan(&all, &now)
		n = p.members - all + now
		return err
	}, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN owner <> '' OR state = 'sending' OR due_at <= ? THEN 1 ELSE 0 END), 0) FROM deliveries WHERE push_id = ?`,
		p.now().UTC(), id)
	return n
}

// quiet waits until nothing of a push is to be done at this hour: all ended, or waiting for a time to come.
func (p *plant) quiet(id string) {
	p.t.Helper()
	p.eventually("nothing to be done", time.Duration(sized(60, 60, 300))*time.Second, func() bool { return p.busy(id) == 0 })
}

// done starts the program again and again, each time minutes later, until the push is done: leases have ended, and doubts have waited for WeChat's
// word and been tried once more by then.
func (p *plant) done(id string) {
	p.t.Helper()
	for range 4 {
		soon := time.Now().Add(time.Duration(sized(20, 30, 200)) * time.Second)
		p.eventually("nothing to be done, or a lease that keeps it", 10*time.Minute, func() bool { return p.busy(id) == 0 || time.Now().After(soon) })
		if p.open(id) == 0 {
			p.eventually("the push is done", 20*time.Second, func() bool { return p.push(id).text("state") == "done" })
			return
		}
		p.terminate()
		p.later(passes)
		p.up()
	}
	p.t.Fatalf("the push does not end: %v\n%s", p.push(id), p.log)
}

// open counts the deliveries of a push that have not come to their end, and those that are missing.
func (p *plant) open(id string) int {
	p.t.Helper()
	rows := p.rows(id)
	open := p.members - len(rows)
	for _, r := range rows {
		if r.open {
			open++
		}
	}
	return open
}
