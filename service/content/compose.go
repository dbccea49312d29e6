package content

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"zhibu/model"
)

// Source names where a document was published.
type Source struct {
	Name, URL string
	Date      model.Date
}

// Input is what an editor writes; what is nil stays as it is.
type Input struct {
	Category       *model.Category
	Title          *string
	Digest         *string // empty: made from the text
	KeyPoints      *[]string
	BodyMarkdown   *string // one of the two bodies at most
	BodyHTML       *string
	CoverID        *string // empty: none
	AttachmentIDs  *[]string
	Source         *Source
	Visibility     *model.Visibility
	Required       *bool
	DueAt          *time.Time
	Pinned         *bool
	DocNo          *string
	ReadingMinutes *int    // 0: counted from the text
	Correction     *string // of what is published: what readers are told of the edit
}

// madeDigest is how long a digest is that was made from the text: what fits on a card.
const madeDigest = 100

// maxFiles bounds what one article may carry.
const maxFiles = 50

// bodyOf renders the body that was given; nil when none was.
func (s *Service) bodyOf(in *Input) (*text, error) {
	var t text
	field := "body_html"
	switch {
	case in.BodyMarkdown != nil && in.BodyHTML != nil:
		return nil, model.BadField("body_html", "not_allowed", "正文用 Markdown 或 HTML 中的一种即可。")
	case in.BodyMarkdown != nil:
		field = "body_markdown"
		var err error
		if t, err = s.markup.fromMarkdown(*in.BodyMarkdown); err != nil {
			return nil, err
		}
	case in.BodyHTML != nil:
		if utf8.RuneCountInString(withoutInline(*in.BodyHTML)) > model.MaxBody {
			return nil, model.BadField(field, "too_long", fmt.Sprintf("正文不能超过 %d 个字符。", model.MaxBody))
		}
		t = s.markup.fromHTML(*in.BodyHTML)
	default:
		return nil, nil
	}
	switch {
	case t.plain == "" && !strings.Contains(t.html, "<img"):
		return nil, model.BadField(field, "required", "正文不能为空。")
	case len(t.html) > maxHTML:
		return nil, model.BadField(field, "too_long", "正文过长，请精简后重试。")
	}
	return &t, nil
}

// compose applies what was written to an article, makes what is missing, and notes every fault.
// plain is the article's text after the change.
func compose(a *model.Article, in *Input, plain string, study model.StudyPolicy, v *model.Invalid) {
	set(&a.Category, in.Category)
	set(&a.Visibility, in.Visibility)
	set(&a.Pinned, in.Pinned)
	set(&a.CoverID, in.CoverID)
	if in.Title != nil {
		a.Title = model.SingleLine(*in.Title)
	}
	if in.Digest != nil {
		a.Digest = model.SingleLine(*in.Digest)
		a.DigestMade = a.Digest == ""
	}
	if in.KeyPoints != nil {
		a.KeyPoints = keyPoints(*in.KeyPoints, study.KeyPoints, v)
	}
	if in.DocNo != nil {
		a.DocNo = model.NormalDocNo(*in.DocNo)
		a.DocKey = model.DocKey(a.DocNo)
	}
	if in.Source != nil {
		a.SourceName, a.SourceURL, a.SourceDate = model.SingleLine(in.Source.Name), strings.TrimSpace(in.Source.URL), in.Source.Date
	}
	set(&a.Required, in.Required)
	if in.DueAt != nil {
		due := in.DueAt.UTC().Truncate(time.Millisecond)
		a.DueAt = &due
	} else if !a.Required {
		a.DueAt = nil // what is no longer required is no longer due
	}
	if in.ReadingMinutes != nil {
		a.ReadingMinutes = *in.ReadingMinutes
		a.MinutesMade = a.ReadingMinutes == 0
	}
	if in.Correction != nil {
		checkCorrection(a, model.SingleLine(*in.Correction), v)
	}
	if a.DigestMade {
		a.Digest = model.MakeDigest(strings.ReplaceAll(plain, "\n", " "), madeDigest)
	}
	if a.MinutesMade {
		a.ReadingMinutes = model.ReadingMinutes(model.CountChars(plain), study.CharsPerMinute)
	}
	check(a, v)
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func keyPoints(given []string, most int, v *model.Invalid) []string {
	var list []string
	for i, p := range given {
		if p = model.SingleLine(p); p == "" {
			continue
		}
		if utf8.RuneCountInString(p) > model.MaxKeyPoint {
			v.Add(fmt.Sprintf("key_points[%d]", i), "too_long", fmt.Sprintf("每条要点不能超过 %d 个字。", model.MaxKeyPoint))
		}
		list = append(list, p)
	}
	if len(list) > most {
		v.Add("key_points", "too_many", fmt.Sprintf("要点最多 %d 条，请合并或删减。", most))
	}
	return list
}

// check notes what is wrong with an article as a whole.
func check(a *model.Article, v *model.Invalid) {
	tooLong := func(field, s string, most int, what string) {
		if utf8.RuneCountInString(s) > most {
			v.Add(field, "too_long", fmt.Sprintf("%s不能超过 %d 个字。", what, most))
		}
	}
	if a.Title == "" {
		v.Add("title", "required", "请填写标题。")
	}
	tooLong("title", a.Title, model.MaxTitle, "标题")
	tooLong("digest", a.Digest, model.MaxDigest, "摘要")
	tooLong("doc_no", a.DocNo, 100, "发文字号")
	if !a.Category.Valid() {
		v.Add("category", "not_allowed", "栏目只能是党建理论、中央声音、法律法规、先进事迹或动态。")
	}
	if !a.Visibility.Valid() {
		v.Add("visibility", "not_allowed", "可见范围只能是 public、members、party 或 committee。")
	}
	if a.DueAt != nil && !a.Required {
		v.Add("due_at", "not_allowed", "只有必学内容才设截止时间。")
	}
	if a.ReadingMinutes < 0 || a.ReadingMinutes > 600 {
		v.Add("reading_minutes", "out_of_range", "阅读时长应在 1 至 600 分钟之间。")
	}
	checkSource(a, v)
}

// checkCorrection: only who may have read something needs to be told that it was wrong.
func checkCorrection(a *model.Article, text string, v *model.Invalid) {
	switch {
	case text == "":
	case a.State != model.ArticlePublished:
		v.Add("correction", "not_allowed", "更正说明只用于已发布的文章；草稿直接修改即可。")
	case utf8.RuneCountInString(text) > model.MaxCorrected:
		v.Add("correction", "too_long", fmt.Sprintf("更正说明不能超过 %d 个字。", model.MaxCorrected))
	}
}

// checkSource: what quotes the centre or the law names its source; a source that is named is a real address.
func checkSource(a *model.Article, v *model.Invalid) {
	needed := a.Category.NeedsSource()
	switch {
	case a.SourceName == "" && (needed || a.SourceURL != ""):
		v.Add("source.name", "required", "请填写来源名称，例如“新华社”。")
	case utf8.RuneCountInString(a.SourceName) > 100:
		v.Add("source.name", "too_long", "来源名称不能超过 100 个字。")
	}
	u, err := url.Parse(a.SourceURL)
	switch {
	case a.SourceURL == "" && needed:
		v.Add("source.url", "required", "请填写来源网址，方便读者查看原文。")
	case a.SourceURL == "":
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || len(a.SourceURL) > 500 || !linkAddress.MatchString(a.SourceURL):
		v.Add("source.url", "invalid_url", "来源网址应以 http:// 或 https:// 开头，不超过 500 个字符。")
	}
	if a.SourceDate != "" && !a.SourceDate.Valid() {
		v.Add("source.date", "invalid_date", "日期格式应如 2026-11-23。")
	}
}

// filesOf lists the files an article uses, each role once.
func filesOf(articleID, coverID string, attachments, body []string) []model.ArticleFile {
	var list []model.ArticleFile
	add := func(role model.FileRole, ids ...string) {
		for i, id := range ids {
			f := model.ArticleFile{ArticleID: articleID, Role: role, UploadID: id, Place: i}
			if id != "" && !slices.ContainsFunc(list, func(o model.ArticleFile) bool { return o.Role == role && o.UploadID == id }) {
				list = append(list, f)
			}
		}
	}
	add(model.FileCover, coverID)
	add(model.FileAttachment, attachments...)
	add(model.FileBody, body...)
	return list
}

// CheckCreate finds the faults that Create would find with a draft, and writes nothing; who may write is not asked. Errors: validation_failed.
func (s *Service) CheckCreate(ctx context.Context, actor *model.Actor, orgID string, in Input) error {
	var v model.Invalid
	if orgID == "" {
		v.Add("org_id", "required", "请选择发布的组织。")
	}
	_, err := s.compose(ctx, actor, &model.Article{Visibility: model.VisibleMembers, DigestMade: true, MinutesMade: true}, nil, &in)
	return v.With(err)
}

// CheckEdit finds the faults that Edit would find, and writes nothing. Errors: those of Edit.
func (s *Service) CheckEdit(ctx context.Context, actor *model.Actor, id string, in Input) error {
	a, err := editable(ctx, s.store, actor, id)
	if err != nil {
		return err
	}
	have, err := s.store.ArticleFiles(ctx, id)
	if err != nil {
		return err
	}
	_, err = s.compose(ctx, actor, a, append([]model.ArticleFile{}, have...), &in)
	return err
}

// compose checks an edit and renders its body, outside any transaction: it may take milliseconds, and asks for the files.
// have are the files that the article uses already; they were allowed when they came in.
func (s *Service) compose(ctx context.Context, actor *model.Actor, a *model.Article, have []model.ArticleFile, in *Input) (*text, error) {
	var v model.Invalid
	body, err := s.bodyOf(in)
	if f, ok := faultFields(err); ok {
		v.Add(f.Field, f.Code, f.Detail)
	} else if err != nil {
		return nil, err
	}
	plain := ""
	switch {
	case body != nil:
		plain = body.plain
	case have == nil && err == nil: // a new article
		v.Add("body_markdown", "required", "请填写正文。")
	}
	if body == nil && have != nil {
		kept, err := s.store.ArticleBody(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		plain = kept.Plain
	}
	compose(a, in, plain, s.study(), &v)
	if err := s.checkFiles(ctx, actor, have, in, body, &v); err != nil {
		return nil, err
	}
	return body, v.Err()
}

// faultFields unpacks an error about one field, so that it can be named together with the others.
func faultFields(err error) (model.Field, bool) {
	var e *model.Error
	if !errors.As(err, &e) || e.Code != model.CodeInvalid || len(e.Fields) == 0 {
		return model.Field{}, false
	}
	return e.Fields[0], true
}

// checkFiles asks whether the actor may use the files that are new to the article.
func (s *Service) checkFiles(ctx context.Context, actor *model.Actor, have []model.ArticleFile, in *Input, body *text, v *model.Invalid) error {
	known := map[string]bool{"": true}
	for _, f := range have {
		known[f.UploadID] = true
	}
	ask := func(field string, ids []string) error {
		if len(ids) > maxFiles {
			v.Add(field, "too_many", "一篇文章最多使用 50 个文件。")
			return nil
		}
		ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return known[id] })
		if len(ids) == 0 {
			return nil
		}
		err := s.files.Mine(ctx, actor, ids)
		switch model.CodeOf(err) {
		case model.CodeInvalid, model.CodeNotFound, model.CodeForbidden:
			v.Add(field, "not_found", "引用的文件不存在，或不是您上传的，请重新上传。")
			return nil
		}
		return err
	}
	if in.CoverID != nil {
		if err := ask("cover_id", []string{*in.CoverID}); err != nil {
			return err
		}
	}
	if in.AttachmentIDs != nil {
		if err := ask("attachment_ids", *in.AttachmentIDs); err != nil {
			return err
		}
	}
	if body == nil {
		return nil
	}
	field := "body_html"
	if in.BodyMarkdown != nil {
		field = "body_markdown"
	}
	return ask(field, body.files)
}
