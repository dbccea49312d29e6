package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// articleIDs are the shapes of seeded articles' identifiers, in the order in which they were published.
const articleIDs = `concat('01a20000-0000-7000-8006-', substr(concat('000000000000', n.i), -12))`

func articleID(i int) string { return fmt.Sprintf("01a20000-0000-7000-8006-%012d", i) }

// library is what seedArticles has written.
type library struct {
	Articles int
	First    time.Time // when the first was published; the others follow every second
}

// seedArticles publishes articles of the committee for its members, up to so many where there are some already. Bodies and the index are others' affair.
func seedArticles(ctx context.Context, s *site, have, articles int) (library, error) {
	d, lib := s.db, library{articles, s.start.Add(-25 * 24 * time.Hour)}
	published := `strftime('%Y-%m-%d %H:%M:%f', ?, concat('+', n.i, ' seconds')) || '+00:00'`
	if d.kind == onMariaDB {
		published = "DATE_ADD(?, INTERVAL n.i SECOND)"
	}
	first := strings.TrimSuffix(d.instant(lib.First), "+00:00")
	numbers := fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d)", have, articles-1)
	conn, err := d.Conn(ctx)
	if err != nil {
		return lib, err
	}
	defer func() { _ = conn.Close() }() // it goes back to the pool
	run := func(statement string, args ...any) {
		if err == nil {
			_, err = conn.ExecContext(ctx, statement, args...)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", strings.Fields(statement)[:3], err)
		}
	}
	if d.kind == onMariaDB {
		run("SET SESSION max_recursive_iterations = 100000000, unique_checks = 0")
	}
	run(`INSERT INTO articles (id, org_id, org_path, org_kind, category, title, digest, digest_made, key_points, doc_no, doc_key, source_name, source_url, source_date, visibility,
		state, required, due_at, pinned, cover_id, reading_minutes, minutes_made, author_id, notify, publish_at, published_at, withdrawn_at, reminded_at, version, created_at, updated_at) `+
		numbers+" SELECT "+articleIDs+`, ?, ?, 'society', 'news', concat('第 ', n.i + 1, ' 次党员大会在会员医院召开，学习贯彻会议精神'), '会议由支部书记主持，全体党员参加，学习了有关文件，并就康复服务行活动的安排进行了讨论。',
		0, '["会议的主要精神","康复服务行的安排"]', '', '', '', '', '', 'members', 'published', 0, NULL, 0, '', 3, 0, ?, 0, NULL, `+published+`, NULL, NULL, 1, ?, ? FROM n`,
		s.society.OrgID, s.society.Path, memberID(0), first, d.instant(lib.First), d.instant(lib.First))
	run("INSERT INTO article_counts (article_id, views, likes, comments) " + numbers + " SELECT " + articleIDs + ", n.i % 97, n.i % 13, 0 FROM n")
	if d.kind == onMariaDB {
		run("ANALYZE TABLE articles, article_counts")
	}
	return lib, err
}

// seedBodies gives the articles their texts, of about 8 KB each.
func seedBodies(ctx context.Context, d *database, lib library) error {
	dice := rand.New(rand.NewPCG(2026, 1123))
	words := vocabulary(dice)
	tx, err := d.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // it is committed where all went well
	for i := range lib.Articles {
		text := prose(dice, words, textBytes)
		page := "<p>" + strings.ReplaceAll(html.EscapeString(text), "\n", "</p><p>") + "</p>"
		if _, err := tx.ExecContext(ctx, "INSERT INTO article_bodies (article_id, markdown, html, plain) VALUES (?, '', ?, ?)", articleID(i), page, text); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// textBytes is the length of an article of the goals.
const textBytes = 8 << 10

// familiar are words that searches look for; the rest of the vocabulary is made of their characters.
const familiar = "学习 会议 精神 支部 党员 组织 生活 康复 医院 医师 患者 服务 基层 社区 健康 发展 建设 工作 要求 落实 责任 制度 监督 纪律 群众 主题 教育 理论 思想 实践 创新 人才 技术 质量 安全 管理 团队 培训 专业 " +
	"疾病 治疗 功能 训练 评估 指导 志愿 活动 书记 委员 大会 党课 主题党日 三会一课 组织生活会 民主评议 中国特色 从严治党 乡村振兴 残疾人 老年人 脑卒中 物理治疗 作业治疗 言语治疗 国家 政策 法律 法规 条例 规定 决定 意见 通知 方案 " +
	"计划 总结 报告 交流 经验 典型 先进 事迹 榜样 初心 使命 担当 作为 奋斗 团结 民主 集中 批评 自我批评 谈心谈话 发展党员 入党积极分子 预备党员 转正 党费 换届 选举"

// vocabulary is some thousand words, the common ones first.
func vocabulary(dice *rand.Rand) []string {
	words := strings.Fields(familiar)
	letters := []rune(strings.ReplaceAll(familiar, " ", ""))
	for len(words) < 4000 {
		n := 2 + dice.IntN(2)
		word := make([]rune, n)
		for i := range word {
			word[i] = letters[dice.IntN(len(letters))]
		}
		words = append(words, string(word))
	}
	return words
}

// prose is sentences of words as they are spread in a language: few of them everywhere, most of them seldom.
func prose(dice *rand.Rand, words []string, size int) string {
	often := rand.NewZipf(dice, 1.2, 8, uint64(len(words)-1))
	var b strings.Builder
	for n := 1; b.Len() < size; n++ {
		b.WriteString(words[often.Uint64()])
		switch {
		case n%90 == 0:
			b.WriteString("。\n")
		case n%400 == 399:
			b.WriteString("（WHO ICF 2026）")
		case n%18 == 0:
			b.WriteString("。")
		case n%6 == 0:
			b.WriteString("，")
		}
	}
	return b.String()
}

func memberID(i int) string { return fmt.Sprintf("01a20000-0000-7000-8000-%012d", i) }

// openIDOf is the WeChat user of a seeded member, as openIDs makes it.
func openIDOf(i int) string { return fmt.Sprintf("oBench%022d", i*2654435761%4294967311) }

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// seedSessions signs members in, each with a session of its own, and returns their tokens.
func seedSessions(ctx context.Context, s *site, members int) ([]string, error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // it is committed where all went well
	now, end := s.db.instant(s.start), s.db.instant(s.start.Add(30*24*time.Hour))
	tokens := make([]string, members)
	for i := range tokens {
		tokens[i] = hashOf("bench token " + strconv.Itoa(i))[:43]
		session := fmt.Sprintf("01a20000-0000-7000-8007-%012d", i)
		_, err := tx.ExecContext(ctx, "INSERT INTO sessions (id, identity_id, member_id, kind, device, created_at, last_seen_at, expires_at, revoked_at, reason) VALUES (?, ?, ?, 'wechat', '', ?, ?, ?, NULL, '')",
			session, fmt.Sprintf("01a20000-0000-7000-8002-%012d", i), memberID(i), now, now, end)
		if err != nil {
			return nil, err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO tokens (hash, session_id, refresh, expires_at, used_at) VALUES (?, ?, 0, ?, NULL)", hashOf(tokens[i]), session, end); err != nil {
			return nil, err
		}
	}
	return tokens, tx.Commit()
}

// reading room is a site with articles, signed-in members and a running program.
type readingRoom struct {
	*site
	lib    library
	tokens []string
	v      *server
}

// openReadingRoom makes one with so many articles and sessions; bodies on demand.
func (h *house) openReadingRoom(ctx context.Context, kind string, articles, sessions int, bodies bool, more ...string) (_ *readingRoom, err error) {
	s, err := h.openSite(ctx, kind, max(sessions, 1000), evening())
	if err != nil {
		return nil, err
	}
	r := &readingRoom{site: s}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if r.lib, err = seedArticles(ctx, s, 0, articles); err != nil {
		return nil, err
	}
	if bodies {
		if err := seedBodies(ctx, s.db, r.lib); err != nil {
			return nil, err
		}
	}
	if r.tokens, err = seedSessions(ctx, s, sessions); err != nil {
		return nil, err
	}
	r.v, err = s.serve(ctx, "all", h.cores.server, more...)
	return r, err
}

func (r *readingRoom) close() error {
	if r.v != nil {
		r.v.kill() // nothing of it is needed any more
	}
	return r.site.close()
}

// get fetches what the first member sees.
func (r *readingRoom) get(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.v.url+"/api/v1"+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+r.tokens[0])
	req.Header.Set("Accept-Encoding", "identity")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s %s", path, res.Status, body)
	}
	return body, err
}

// rival is the program, asked so.
func (r *readingRoom) rival(s *stream) *rival {
	s.address = strings.TrimPrefix(r.v.url, "http://")
	return &rival{process: r.v.process, stream: s}
}

// part starts a yardstick of this binary on the server's core.
func (h *house) part(ctx context.Context, name string, args ...string) (*process, string, error) {
	port, err := freePort()
	if err != nil {
		return nil, "", err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	p, err := h.launch(name, h.cores.server, os.Environ(), self, append([]string{"part-" + name, "-port", strconv.Itoa(port)}, args...)...)
	if err != nil {
		return nil, "", err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	return p, address, p.await(ctx, func() bool { return answers("http://" + address + "/") })
}

// plainRival is the plain server over the same database.
func (r *readingRoom) plainRival(ctx context.Context, s *stream) (*rival, error) {
	p, address, err := r.h.part(ctx, "plain", "-kind", r.db.kind, "-address", r.db.dsn, "-wechat", r.h.wechat.url)
	if err != nil {
		return nil, err
	}
	s.address = address
	return &rival{process: p, stream: s}, nil
}

// profile writes where the program's processor time goes while it answers alone, when the command line asks for it.
func (r *readingRoom) profile(ctx context.Context, row string, asked *rival) error {
	folder := r.h.options.Profile
	if folder == "" {
		return nil
	}
	const seconds = 5
	done := make(chan error, 1)
	go func() {
		done <- func() error {
			res, err := http.Get(fmt.Sprintf("%s/debug/pprof/profile?seconds=%d", r.v.admin, seconds))
			if err != nil {
				return err
			}
			defer func() { _ = res.Body.Close() }()
			text, err := io.ReadAll(res.Body)
			if err != nil {
				return err
			}
			return errors.Join(os.MkdirAll(folder, 0o755), os.WriteFile(filepath.Join(folder, row+".pb.gz"), text, 0o644))
		}()
	}()
	_, err := asked.run(ctx, (seconds+1)*time.Second)
	return errors.Join(err, <-done)
}
