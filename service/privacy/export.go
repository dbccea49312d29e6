package privacy

import (
	"archive/zip"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

//go:embed export.html
var pageText string

// Export is everything that is kept about one person, ready to be written.
type Export struct {
	FileName string

	room     *Service
	page     page
	files    []model.Upload
	personal map[string]any
}

type page struct {
	Made     string
	Profile  [][2]string
	Sections []pageSection
	Missing  []string
}

type pageSection struct {
	Title string
	Names []string
	Rows  [][]string
}

// Export gathers all personal data of the actor: a page to read, the same for programs, and the files they uploaded. It is in the audit.
// Errors: not_found.
func (s *Service) Export(ctx context.Context, actor *model.Actor) (*Export, error) {
	now := s.clock()
	m, err := s.store.Member(ctx, actor.MemberID)
	if err != nil {
		return nil, err
	}
	if m.ErasedAt != nil {
		return nil, model.NotFound("该成员")
	}
	known, err := s.store.KnownAs(ctx, m)
	if err != nil {
		return nil, err
	}
	if known.SuggestionIndexes, err = s.names.SuggestionIndexes(ctx, s.store, m.ID); err != nil {
		return nil, err
	}
	e := &Export{FileName: "我的个人信息-" + string(model.DateOf(now)) + ".zip", room: s, personal: map[string]any{}}
	e.page.Made = now.In(model.Zone).Format("2006年1月2日 15:04")
	if err := e.profile(ctx, m); err != nil {
		return nil, err
	}
	for _, part := range sections {
		rows, err := s.store.RecordsOf(ctx, model.Zone, part.sql, s.argument(part.by, known))
		if err != nil {
			return nil, err
		}
		e.add(part, rows)
	}
	if e.files, err = s.store.UploadsOf(ctx, m.ID); err != nil {
		return nil, err
	}
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		return tx.Audit(ctx, now, actor, "member.export", "member:"+m.ID, "", nil)
	})
	return e, err
}

func (s *Service) argument(b by, known *store.Erased) any {
	switch b {
	case byOpenIDs:
		return append([]string{"-"}, known.OpenIDs...)
	case bySuggestionIndex:
		return append([]string{"-"}, known.SuggestionIndexes...)
	case byObject:
		return "member:" + known.MemberID
	}
	return known.MemberID
}

func (e *Export) profile(ctx context.Context, m *model.Member) error {
	phone := ""
	if m.PhoneIndex != nil {
		var err error
		if phone, err = e.room.vault.Open(m.PhoneCipher, m.PhoneKeyID, e.room.names.PhonePlace(m.ID)); err != nil {
			return model.Fail(model.CodeInternal, "手机号无法解密，请联系系统管理员检查密钥设置。").Because(err)
		}
	}
	consented := ""
	if m.ConsentAt != nil {
		consented = m.ConsentAt.In(model.Zone).Format("2006-01-02 15:04:05")
	}
	e.page.Profile = [][2]string{{"姓名", m.Name}, {"手机号", phone}, {"政治面貌", m.PartyStatus.Label()}, {"单位", m.Employer}, {"职务", m.Title},
		{"同意的告知书版本", m.ConsentVersion}, {"同意时间", consented}, {"登记时间", m.CreatedAt.In(model.Zone).Format("2006-01-02 15:04:05")}, {"编号", m.ID}}
	e.personal["profile"] = map[string]any{"id": m.ID, "name": m.Name, "phone": phone, "party_status": m.PartyStatus, "employer": m.Employer, "title": m.Title,
		"consent_version": m.ConsentVersion, "consent_at": consented}
	return nil
}

// readable puts the words of the tables into Chinese where a person would not know them.
func readable(part section, name, value string) string {
	switch {
	case name == "操作":
		return model.AuditWords(value)
	case part.key == "roles" && name == "角色":
		return model.Role(value).Label()
	case name == "同意" || name == "正在关注":
		return map[string]string{"1": "是", "true": "是"}[value]
	}
	return value
}

func (e *Export) add(part section, rows []store.Record) {
	list := make([]map[string]string, len(rows))
	shown := pageSection{Title: part.title}
	for i, r := range rows {
		list[i] = map[string]string{}
		line := make([]string, len(r.Values))
		for j, v := range r.Values {
			list[i][r.Names[j]], line[j] = v, readable(part, r.Names[j], v)
		}
		shown.Names, shown.Rows = r.Names, append(shown.Rows, line)
	}
	e.personal[part.key] = list
	e.page.Sections = append(e.page.Sections, shown)
}

// Write writes the archive. A file that is lost is named on the page instead.
func (e *Export) Write(ctx context.Context, w io.Writer) error {
	z := zip.NewWriter(w)
	for i := range e.files {
		u := &e.files[i]
		data, err := e.room.files.Bytes(ctx, u)
		if err != nil {
			e.room.log.WarnContext(ctx, "file not exported", "upload", u.ID, "cause", err)
			e.page.Missing = append(e.page.Missing, u.Name)
			continue
		}
		if err := put(z, fmt.Sprintf("文件/%03d-%s", i+1, u.Name), u.CreatedAt, data); err != nil {
			return err
		}
	}
	now := e.room.clock()
	e.personal["missing_files"] = slices.Clone(e.page.Missing)
	data, err := json.MarshalIndent(e.personal, "", "  ")
	if err != nil {
		return err
	}
	if err := put(z, "data.json", now, data); err != nil {
		return err
	}
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, e.page); err != nil {
		return err
	}
	if err := put(z, "我的个人信息.html", now, b.Bytes()); err != nil {
		return err
	}
	return z.Close()
}

func put(z *zip.Writer, name string, at time.Time, data []byte) error {
	out, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at.In(model.Zone)})
	if err != nil {
		return err
	}
	_, err = out.Write(data)
	return err
}
