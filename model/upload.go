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

	Disclosure Disclosure // what the uploader answered
	Thumbs     []int      `gorm:"serializer:json"` // the widths in which a picture is kept too, the smallest first

	Media       MediaState // what WeChat, or a person, says of a picture
	MediaTrace  string     // under which WeChat tells its verdict
	MediaLabel  int
	MediaTries  int        // how often it was taken up; also tells two takers apart
	MediaAsked  int        // how often WeChat took it
	MediaDue    *time.Time // when to ask, or to ask again
	MediaHeld   HeldBecause
	MediaReason string // why it is refused
	ModeratorID string
	ModeratedAt *time.Time
}

// Disclosure is the answer to the question that every upload is asked: may this be on the internet?
type Disclosure string

// The answers: 公开, and 内部不上网, which is refused. An older client does not ask.
const (
	DisclosurePublic   Disclosure = "public"
	DisclosureInternal Disclosure = "internal"
)

// Valid reports whether d is one of the answers, or none.
func (d Disclosure) Valid() bool {
	return d == "" || d == DisclosurePublic || d == DisclosureInternal
}

// MediaState is whether a picture may be shown to others than its uploader and the moderators.
type MediaState string

// A picture waits for WeChat's verdict, and is held where a person must look. The empty state is of what needs no verdict.
const (
	MediaFree    MediaState = ""
	MediaWaiting MediaState = "waiting"
	MediaHeld    MediaState = "held"
	MediaPassed  MediaState = "passed"
	MediaRefused MediaState = "refused"
)

var mediaSteps = map[MediaState][]MediaState{
	MediaFree:    {MediaRefused},
	MediaWaiting: {MediaPassed, MediaHeld, MediaRefused},
	MediaHeld:    {MediaPassed, MediaRefused},
	MediaPassed:  {MediaRefused},
	MediaRefused: {MediaPassed},
}

// May reports whether a picture in state s may go over to the next.
func (s MediaState) May(next MediaState) bool { return slices.Contains(mediaSteps[s], next) }

// Label is the state's Chinese name.
func (s MediaState) Label() string {
	switch s {
	case MediaWaiting:
		return "正在检测"
	case MediaHeld:
		return "待审核"
	case MediaPassed:
		return "已通过"
	case MediaRefused:
		return "未通过"
	}
	return "无需检测"
}

// Shown reports whether whoever may see what uses the file may see the file itself.
func (u *Upload) Shown() bool { return u.Media == MediaFree || u.Media == MediaPassed }

// Why a picture is held for a person, beside the causes that comments have too.
const (
	HeldNoVerdict HeldBecause = "no_verdict" // WeChat was asked twice and never told
	HeldTooLarge  HeldBecause = "too_large"  // more than WeChat takes
)

// ThumbWidths are the widths in which pictures are kept beside themselves: for a list and for the width of a phone.
var ThumbWidths = []int{240, 750}

// ThumbFor is the width to hand out where this one is asked for: the smallest that is no smaller, or 0 for the picture itself.
func (u *Upload) ThumbFor(width int) int {
	for _, w := range u.Thumbs {
		if width > 0 && w >= width {
			return w
		}
	}
	return 0
}

// MediaVerdict is a verdict of WeChat that came before the answer which names its trace.
type MediaVerdict struct {
	TraceID    string `gorm:"primaryKey"`
	Suggest    string
	Label      int
	ErrCode    int
	ReceivedAt time.Time
}

// CanModerateFile: the committee of an organisation that the uploader belongs to, or whose articles use the file, and whoever leads above it.
func CanModerateFile(a *Actor, paths []string) bool {
	return a.Bound() && slices.ContainsFunc(paths, func(p string) bool { return a.Has(RoleCommitteeMember, p) })
}

// The types that may be uploaded.
const (
	MIMEJPEG = "image/jpeg"
	MIMEPNG  = "image/png"
	MIMEWebP = "image/webp" // comes in, and is kept as one of the others: old phones and WeChat's draft box do not take it
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
var classified = regexp.MustCompile(`[绝絕]密|[机機]密(?:[^码碼]|$)|秘密[★☆*]|[内內]部[资資]料|[内內]部(?:文件|材料|不上[网網])|(?:不得|严禁|嚴禁)上[网網]`)

// ClassifiedName reports whether a file's name says that it must stay inside: 绝密, 机密, 秘密★, 内部资料, 内部不上网, also with blanks between the characters.
func ClassifiedName(name string) bool {
	return classified.MatchString(strings.Join(strings.Fields(FoldWidth(CleanText(name))), ""))
}

// FileLinkExpiry is when links to files that are made now end: at the third midnight to come. All links of a day are alike, so that pages that
// hold them can be cached for hours, and each lives for two days at least.
func FileLinkExpiry(now time.Time) time.Time { return DateOf(now).Add(3).Start() }

// FilePeekText is what is signed in an address under which one picture may be seen before its verdict: by its uploader, by moderators and by WeChat itself.
func FilePeekText(id string, expires int64) string {
	return "peek\n" + id + "\n" + strconv.FormatInt(expires, 10)
}

// FileLinkText is what is signed in a link to a file.
func FileLinkText(id string, expires int64) string {
	return "file\n" + id + "\n" + strconv.FormatInt(expires, 10)
}
