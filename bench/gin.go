package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/glebarez/sqlite"
	"github.com/google/uuid"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// serveBytes is the yardstick of what is ready: a bare Gin that writes the bytes of a file, without any middleware.
func serveBytes(args []string) error {
	flags := flag.NewFlagSet("bytes", flag.ContinueOnError)
	port := flags.Int("port", 0, "")
	file := flags.String("file", "", "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	body, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	g.GET("/", func(c *gin.Context) { c.Data(http.StatusOK, "application/json", body) })
	return http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", *port), g)
}

// plain is the yardstick of what needs the database: Gin and GORM with their defaults, over the program's own tables, as a plain server is written.
type plain struct {
	read, write *gorm.DB
	wechat      string
	client      *http.Client
	articles    string // the table to list, with the index by which MariaDB must be told to read it
}

// servePlain is the process of it.
func servePlain(args []string) error {
	flags := flag.NewFlagSet("plain", flag.ContinueOnError)
	port := flags.Int("port", 0, "")
	kind := flags.String("kind", onSQLite, "")
	address := flags.String("address", "", "")
	wechat := flags.String("wechat", "", "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	p := &plain{wechat: *wechat, client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: connections}}}
	p.articles = "articles a"
	var err error
	if *kind == onMariaDB {
		p.articles += " FORCE INDEX (articles_feed)" // left to itself it takes another and lists 200 a second, which would flatter the program
		p.read, err = openPlain(mysql.Open(*address), 64)
		p.write = p.read
	} else {
		file := "file:" + *address + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
		var err2 error
		p.read, err = openPlain(sqlite.Open(file), max(2, runtime.NumCPU()))
		p.write, err2 = openPlain(sqlite.Open(file+"&_txlock=immediate"), 1)
		err = errors.Join(err, err2)
	}
	if err != nil {
		return err
	}
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	g.GET("/", func(c *gin.Context) { c.Status(http.StatusOK) })
	g.GET("/list", p.list)
	g.POST("/comments", p.comment)
	g.POST("/signin", p.signIn)
	return http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", *port), g)
}

func openPlain(d gorm.Dialector, connections int) (*gorm.DB, error) {
	db, err := gorm.Open(d, &gorm.Config{Logger: logger.Discard})
	if err != nil {
		return nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return db, nil
}

// plainItem is what an item of the list shows, the same as in the program.
type plainItem struct {
	ID             string     `json:"id"`
	OrgID          string     `json:"org_id"`
	OrgName        string     `json:"org_name"`
	Category       string     `json:"category"`
	Title          string     `json:"title"`
	Digest         string     `json:"digest"`
	CoverID        string     `json:"cover_id"`
	PublishedAt    time.Time  `json:"published_at"`
	ReadingMinutes int        `json:"reading_minutes"`
	Pinned         bool       `json:"pinned"`
	Required       bool       `json:"required"`
	DueAt          *time.Time `json:"due_at"`
	Views          int64      `json:"views"`
	Likes          int64      `json:"likes"`
	Comments       int64      `json:"comments"`
}

// list is a page by keyset, straight along one index range: what the program merges from all that a member may see, this one knows beforehand.
func (p *plain) list(c *gin.Context) {
	ms, err := strconv.ParseInt(c.Query("at"), 10, 64)
	if err != nil {
		c.Status(http.StatusBadRequest)
		return
	}
	at, id := time.UnixMilli(ms).UTC(), c.Query("id")
	var rows []plainItem
	err = p.read.WithContext(c.Request.Context()).Table(p.articles).
		Select("a.id, a.org_id, o.name AS org_name, a.category, a.title, a.digest, a.cover_id, a.published_at, a.reading_minutes, a.pinned, a.required, a.due_at, c.views, c.likes, c.comments").
		Joins("JOIN orgs o ON o.id = a.org_id").Joins("LEFT JOIN article_counts c ON c.article_id = a.id").
		Where("a.org_id = ? AND a.state = ? AND a.visibility = ? AND a.pinned = ?", c.Query("org"), "published", "members", false).
		Where("a.published_at <= ? AND (a.published_at < ? OR a.id < ?)", at, at, id).
		Order("a.published_at DESC, a.id DESC").Limit(20).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		c.String(http.StatusInternalServerError, "%v", err)
		return
	}
	last := rows[len(rows)-1]
	c.JSON(http.StatusOK, gin.H{"items": rows, "next_cursor": fmt.Sprintf("%d-%s", last.PublishedAt.UnixMilli(), last.ID)})
}

// plainComment is a row of the program's comments.
type plainComment struct {
	ID          string     `json:"id"`
	ArticleID   string     `json:"article_id"`
	AuthorID    string     `json:"author_id"`
	AuthorOrgID string     `json:"author_org_id"`
	ReplyTo     string     `json:"reply_to"`
	AnswerTo    string     `json:"answer_to"`
	Content     string     `json:"content"`
	State       string     `json:"state"`
	Held        string     `json:"held"`
	Reason      string     `json:"-"`
	ModeratorID string     `json:"-"`
	ModeratedAt *time.Time `json:"-"`
	Likes       int64      `json:"likes"`
	CreatedAt   time.Time  `json:"created_at"`
}

func (plainComment) TableName() string { return "comments" }

// comment is one insert and one commit. It asks nobody whether the text may be shown.
func (p *plain) comment(c *gin.Context) {
	var in struct {
		ArticleID string `json:"article_id"`
		AuthorID  string `json:"author_id"`
		Content   string `json:"content" binding:"required,max=500"`
	}
	if err := c.ShouldBindJSON(&in); err != nil {
		c.String(http.StatusBadRequest, "%v", err)
		return
	}
	row := plainComment{
		ID: uuid.Must(uuid.NewV7()).String(), ArticleID: in.ArticleID, AuthorID: in.AuthorID, Content: in.Content, State: "visible", CreatedAt: time.Now().UTC(),
	}
	if err := p.write.WithContext(c.Request.Context()).Create(&row).Error; err != nil {
		c.String(http.StatusInternalServerError, "%v", err)
		return
	}
	c.JSON(http.StatusCreated, row)
}

type plainSession struct {
	ID         string
	IdentityID string
	MemberID   string
	Kind       string
	Device     string
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time
	Reason     string
}

func (plainSession) TableName() string { return "sessions" }

type plainToken struct {
	Hash      string
	SessionID string
	Refresh   bool
	ExpiresAt time.Time
}

func (plainToken) TableName() string { return "tokens" }

// signIn asks WeChat and writes what the program writes.
func (p *plain) signIn(c *gin.Context) {
	var in struct {
		Code string `json:"code" binding:"required"`
	}
	if err := c.ShouldBindJSON(&in); err != nil {
		c.String(http.StatusBadRequest, "%v", err)
		return
	}
	openID, err := p.login(c.Request.Context(), in.Code)
	if err != nil {
		c.String(http.StatusBadGateway, "%v", err)
		return
	}
	now := time.Now().UTC()
	access, refresh := rand.Text(), rand.Text()
	err = p.write.WithContext(c.Request.Context()).Transaction(func(tx *gorm.DB) error {
		var who struct{ ID, MemberID string }
		if err := tx.Table("identities").Select("id, member_id").Where("openid = ?", openID).Take(&who).Error; err != nil {
			return err
		}
		if err := tx.Table("identities").Where("id = ?", who.ID).Update("last_seen_at", now).Error; err != nil {
			return err
		}
		s := plainSession{ID: uuid.Must(uuid.NewV7()).String(), IdentityID: who.ID, MemberID: who.MemberID, Kind: "wechat", CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(720 * time.Hour)}
		if err := tx.Create(&s).Error; err != nil {
			return err
		}
		return tx.Create(&[]plainToken{{hashOf(access), s.ID, false, now.Add(2 * time.Hour)}, {hashOf(refresh), s.ID, true, now.Add(720 * time.Hour)}}).Error
	})
	if err != nil {
		c.String(http.StatusInternalServerError, "%v", err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"access_token": access, "refresh_token": refresh, "expires_in": 7200})
}

// login turns a code into an openid.
func (p *plain) login(ctx context.Context, code string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.wechat+"/sns/jscode2session?appid=wxbench&secret=bench-secret&grant_type=authorization_code&js_code="+code, nil)
	if err != nil {
		return "", err
	}
	res, err := p.client.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	var out struct {
		OpenID string `json:"openid"`
	}
	err = json.NewDecoder(res.Body).Decode(&out)
	if err == nil && out.OpenID == "" {
		err = errors.New("no openid")
	}
	_, more := io.Copy(io.Discard, res.Body)
	return out.OpenID, errors.Join(err, more)
}
