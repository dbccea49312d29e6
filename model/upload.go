package model

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Upload is one file that a member has uploaded. Its bytes are elsewhere, under BlobKey.
type Upload struct {
	ID        string `gorm:"primaryKey"`
	OwnerID   string
	Name      string // cleaned, with the ending of its true type
	MIME      string `gorm:"column:mime"` // by content, never by name
	Size      int64
	SHA256    string `gorm:"column:sha256"` // of the bytes as they are kept
	BlobKey   string
	Width     int // of pictures
	Height    int
	CreatedAt time.Time
}

// The types that may be uploaded.
const (
	MIMEJPEG = "image/jpeg"
	MIMEPNG  = "image/png"
	MIMEPDF  = "application/pdf"
	MIMEDocx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	MIMEXlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	MIMEPptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
)

// fileEndings are the endings that a name may have for each type; the first is put where none fits.
var fileEndings = map[string][]string{
	MIMEJPEG: {".jpg", ".jpeg"},
	MIMEPNG:  {".png"},
	MIMEPDF:  {".pdf"},
	MIMEDocx: {".docx"},
	MIMEXlsx: {".xlsx"},
	MIMEPptx: {".pptx"},
}

// FileAllowed reports whether files of this type may be uploaded.
func FileAllowed(mime string) bool { return fileEndings[mime] != nil }

// IsPicture reports whether a file of this type is a picture.
func IsPicture(mime string) bool { return mime == MIMEJPEG || mime == MIMEPNG }

// ShownInline: pictures and PDF are shown in place; everything else is for keeping.
func ShownInline(mime string) bool { return IsPicture(mime) || mime == MIMEPDF }

// MaxFileName is how many characters a file's name may have, the ending included.
const MaxFileName = 100

// CleanFileName makes a file's name safe to show and to save: without folders and characters that some system forbids, not hidden, not too
// long, and with the ending of its true type, so that nothing opens as what it is not.
func CleanFileName(name, mime string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`<>:"|?*`, r) {
			return ' '
		}
		return r
	}, SingleLine(strings.ReplaceAll(name, `\`, "/")))
	name = strings.Trim(path.Base("/"+name), "./ ")
	ending := strings.ToLower(path.Ext(name))
	stem := name[:len(name)-len(ending)]
	if !slices.Contains(fileEndings[mime], ending) {
		stem, ending = name, ""
		if ends := fileEndings[mime]; len(ends) > 0 {
			ending = ends[0]
		}
	}
	stem = strings.TrimSpace(strings.Join(strings.Fields(stem), " "))
	if stem == "" {
		stem = "文件"
	}
	return CutRunes(stem, MaxFileName-utf8.RuneCountInString(ending)) + ending
}

// classified finds the marks of what must not go on the network. 机密 followed by 码 is the end of a word such as 手机密码.
var classified = regexp.MustCompile(`绝密|机密(?:[^码]|$)|秘密[★☆]|内部资料`)

// ClassifiedName reports whether a file's name says that it must stay inside: 机密, 秘密★, 内部资料, also with blanks between the characters.
func ClassifiedName(name string) bool {
	return classified.MatchString(strings.Join(strings.Fields(FoldWidth(CleanText(name))), ""))
}

// FileLinkExpiry is when links to files that are made now end: at the third midnight to come. All links of a day are alike, so that pages that
// hold them can be cached for hours, and each lives for two days at least.
func FileLinkExpiry(now time.Time) time.Time { return DateOf(now).Add(3).Start() }

// FileLinkText is what is signed in a link to a file.
func FileLinkText(id string, expires int64) string {
	return "file\n" + id + "\n" + strconv.FormatInt(expires, 10)
}
