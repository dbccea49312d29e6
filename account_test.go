package main

import (
	"context"
	"errors"

	"zhibu/config"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/vault"
)

// quickHash is the password of the tests' accounts, "a long enough password", hashed at the least cost that there is. Hashing is slow on purpose, and
// half of what the stories took went into it; what it must cost is held by the tests of signing in.
const quickHash = "$argon2id$v=19$m=8,t=1,p=1$YSBzYWx0IGZvciB0ZXN0cw$m25Zu6wlE369qmy7MDYPzrGoHdxUJj27YmJjEmZtuTI"

// account makes an account that may do everything, as zhibu admin create does, with a password that is quick to look at.
func (p *program) account(username string) {
	p.t.Helper()
	cfg, err := config.Load(p.getenv)
	if err != nil {
		p.t.Fatal(err)
	}
	secret, err := cfg.Secret()
	if err != nil {
		p.t.Fatal(err)
	}
	v, err := vault.New(secret)
	if err != nil {
		p.t.Fatal(err)
	}
	ctx, clock := context.Background(), newClock(cfg.ClockStart)
	s, err := openStore(ctx, cfg, clock)
	if err != nil {
		p.t.Fatal(err)
	}
	s.SignAudit(v.AuditKey())
	now, id := clock(), store.NewID()
	err = s.Tx(ctx, func(tx *store.Store) error {
		return errors.Join(
			tx.AddMember(ctx, &model.Member{ID: id, Name: "管理员（" + username + "）", NameSort: username, PartyStatus: model.PartyNone, CreatedAt: now, UpdatedAt: now}),
			tx.AddGrant(ctx, &model.Grant{ID: store.NewID(), MemberID: id, OrgPath: model.EverywherePath, Role: model.RoleAdmin, CreatedAt: now}),
			tx.AddCredential(ctx, &model.Credential{Username: username, MemberID: id, PasswordHash: quickHash, CreatedAt: now, UpdatedAt: now}),
			tx.Audit(ctx, now, nil, "admin.create", "member:"+id, "", nil))
	})
	if err := errors.Join(err, s.Close()); err != nil {
		p.t.Fatal(err)
	}
}
