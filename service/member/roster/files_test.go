package roster

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"zhibu/model"
)

const (
	rootRels = `<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	bookXML  = `<workbook xmlns:r="r"><workbookPr date1904="%s"/><sheets><sheet name="名单" sheetId="1" r:id="rId1"/></sheets></workbook>`
	bookRels = `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="/xl/worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`
	sstXML   = `<sst><si><t>姓名</t></si><si><t>手机号</t></si>%s</sst>`
	headXML  = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>`
)

// packed makes an .xlsx by hand, for what no honest program writes. A part given twice in pairs replaces the usual one.
func packed(t testing.TB, rows string, parts ...string) []byte {
	t.Helper()
	all := map[string]string{
		"_rels/.rels": rootRels, "xl/workbook.xml": fmt.Sprintf(bookXML, "0"), "xl/_rels/workbook.xml.rels": bookRels,
		"xl/sharedStrings.xml":     fmt.Sprintf(sstXML, ""),
		"xl/worksheets/sheet1.xml": "<worksheet><sheetData>" + headXML + rows + "</sheetData></worksheet>",
	}
	for i := 0; i+1 < len(parts); i += 2 {
		all[parts[i]] = parts[i+1]
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, content := range all {
		method := zip.Deflate
		if len(content) < 1<<16 {
			method = zip.Store // quicker, and the fuzzer sees what it changes
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			_, err = io.WriteString(w, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What other programs write: prefixes, missing places, rich text with phonetic guides, inline texts, escapes, 1904.
func TestOtherPrograms(t *testing.T) {
	sheet := `<x:worksheet xmlns:x="x"><x:sheetData><x:row>
		<x:c t="s"><x:v>0</x:v></x:c><x:c t="s"><x:v>1</x:v></x:c><x:c t="inlineStr"><x:is><x:t>单位</x:t></x:is></x:c><x:c t="str"><x:v>入党时间</x:v></x:c></x:row>
		<x:row/><x:row><x:c t="s"><x:v>2</x:v></x:c><x:c><x:v>1.3800138E10</x:v></x:c>
		<x:c t="inlineStr"><x:is><x:r><x:t>协_x0007_和</x:t></x:r><x:r><x:t>医院_x4E00_</x:t></x:r></x:is></x:c><x:c t="d"><x:v>2015-07-01T00:00:00</x:v></x:c></x:row>
		<x:row r="9"><x:c r="A9" t="inlineStr"><x:is><x:t>李雷</x:t></x:is></x:c><x:c r="B9" t="str"><x:v>13800138001</x:v></x:c><x:c r="D9"><x:v>40724.5</x:v></x:c></x:row>
		</x:sheetData></x:worksheet>`
	got := mustRead(t, packed(t, "",
		"xl/worksheets/sheet1.xml", sheet,
		"xl/workbook.xml", fmt.Sprintf(bookXML, "1"),
		"xl/sharedStrings.xml", fmt.Sprintf(sstXML, `<si><r><t>王</t></r><r><t xml:space="preserve">芳 </t></r><rPh sb="0" eb="1"><t>WANG</t></rPh></si>`)))
	want := []Row{
		{Row: 3, Name: "王芳", Phone: "13800138000", Employer: "协和医院一", JoinedOn: "2015-07-01"},
		{Row: 9, Name: "李雷", Phone: "13800138001", JoinedOn: "2015-07-01"},
	}
	if diff := cmp.Diff(want, got.Rows); diff != "" || len(got.Problems) > 0 {
		t.Errorf("%s %+v", diff, got.Problems)
	}
}

func TestErrorValueIsNoName(t *testing.T) {
	s := mustRead(t, packed(t, `<row r="2"><c r="A2" t="e"><v>#N/A</v></c><c r="B2"><v>13800138000</v></c></row>`))
	if len(s.Rows) != 0 || len(s.Problems) != 1 || s.Problems[0].Code != CodeFormula {
		t.Errorf("%+v", s)
	}
}

func TestWhatIsNoRoster(t *testing.T) {
	damagedText := "表格文件已损坏"
	good := packed(t, "")
	tests := []struct {
		name, file string
		data       []byte
		code       model.Code
		begins     string
	}{
		{"nothing", "a.xlsx", nil, model.CodeInvalid, "文件是空的"},
		{"blank", "a.csv", []byte("\xef\xbb\xbf \r\n"), model.CodeInvalid, "文件是空的"},
		{"picture", "a.xlsx", []byte("\x89PNG\r\n\x1a\n\x00\x00"), model.CodeMediaType, "这不是花名册表格"},
		{"PDF", "a.csv", []byte("%PDF-1.7\nsomething"), model.CodeMediaType, "这不是花名册表格"},
		{"old workbook", "a.xls", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"), model.CodeMediaType, "这是旧版 .xls"},
		{"locked workbook", "a.xlsx", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"), model.CodeMediaType, "表格设有打开密码"},
		{"web page", "a.xls", []byte("  <HTML><table><tr><td>姓名"), model.CodeMediaType, "这是网页格式"},
		{"document", "a.xlsx", packed(t, "", "_rels/.rels", strings.ReplaceAll(rootRels, "xl/workbook", "word/document")), model.CodeMediaType, "这不是 .xlsx"},
		{"binary workbook", "a.xlsx", packed(t, "", "_rels/.rels", strings.ReplaceAll(rootRels, "workbook.xml", "workbook.bin")), model.CodeMediaType, "这不是 .xlsx"},
		{"archive", "a.xlsx", packed(t, "", "_rels/.rels", "<Relationships/>"), model.CodeMediaType, "这不是 .xlsx"},
		{"text without a header", "a.csv", []byte("大家好，这里没有名单\n"), model.CodeInvalid, "没有找到表头：需要含有“姓名”和“手机号”的一行。"},
		{"unknown encoding", "a.csv", []byte("abc\xff\x30\xfe\xff"), model.CodeInvalid, "无法识别文件的文字编码"},
		{"cut off", "a.xlsx", good[:len(good)/2], model.CodeInvalid, damagedText},
		{"no workbook", "a.xlsx", packed(t, "", "_rels/.rels", strings.ReplaceAll(rootRels, "workbook.xml", "elsewhere.xml")), model.CodeInvalid, damagedText},
		{"no sheet part", "a.xlsx", packed(t, "", "xl/_rels/workbook.xml.rels", strings.ReplaceAll(bookRels, "sheet1", "sheet2")), model.CodeInvalid, damagedText},
		{"string that is not there", "a.xlsx", packed(t, `<row r="2"><c r="A2" t="s"><v>99</v></c></row>`), model.CodeInvalid, damagedText},
		{"row off the grid", "a.xlsx", packed(t, `<row r="99999999"><c r="A99999999"><v>1</v></c></row>`), model.CodeInvalid, damagedText},
		{"rows backwards", "a.xlsx", packed(t, `<row r="5"/><row r="4"/>`), model.CodeInvalid, damagedText},
		{"columns backwards", "a.xlsx", packed(t, `<row r="2"><c r="B2"/><c r="A2"/></row>`), model.CodeInvalid, damagedText},
		{"cell of another row", "a.xlsx", packed(t, `<row r="2"><c r="A3"/></row>`), model.CodeInvalid, damagedText},
		{"open end", "a.xlsx", packed(t, `<row r="2"><c r="A2">`, "xl/sharedStrings.xml", "<sst><si>"), model.CodeInvalid, damagedText},
		{"other encoding of XML", "a.xlsx", packed(t, "", "xl/workbook.xml", `<?xml version="1.0" encoding="UTF-16"?><workbook/>`), model.CodeInvalid, damagedText},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read(bytes.NewReader(tt.data), -1, tt.file, Limits{})
			refused(t, err, tt.code, tt.begins)
		})
	}
	t.Run("a connection that breaks", func(t *testing.T) {
		_, err := Read(io.MultiReader(strings.NewReader("姓名,"), brokenReader{}), -1, "a.csv", Limits{})
		refused(t, err, model.CodeInvalid, "文件没有完整收到")
	})
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("gone") }

// Each bomb is refused in a moment and within a bounded memory, however large it says or turns out to be.
func TestBombs(t *testing.T) {
	million := strings.Repeat(`<row><c><v>1</v></c></row>`, 1_000_000)
	wide := "<row>" + strings.Repeat(`<c><v>1</v></c>`, 20_000) + "</row>"
	large := Limits{Unzipped: 1 << 30}
	lied := packed(t, strings.Repeat("<row/>", 1<<20))
	understate(t, lied, "xl/worksheets/sheet1.xml")

	tests := []struct {
		name   string
		limits Limits
		data   []byte
		code   model.Code
		begins string
	}{
		{"huge part", Limits{}, packed(t, strings.Repeat(" ", 25<<20)), model.CodeTooLarge, "表格展开后"},
		{"huge part that says it is small", Limits{}, lied, model.CodeInvalid, "表格文件已损坏"},
		{"a million rows", large, packed(t, million), model.CodeTooLarge, "表格的行数太多：一次最多导入 5000 行"},
		{"20,000 columns", Limits{}, packed(t, wide), model.CodeTooLarge, "表格的列数太多：最多 100 列"},
		{"last column", Limits{}, packed(t, `<row r="2"><c r="XFD2"><v>1</v></c></row>`), model.CodeTooLarge, "表格的列数太多"},
		{"one large sheet a hundred times", Limits{Unzipped: 2 << 20}, packed(t, "",
			"xl/workbook.xml", `<workbook xmlns:r="r"><sheets>`+strings.Repeat(`<sheet name="a" r:id="rId1"/>`, 100)+`</sheets></workbook>`,
			"xl/worksheets/sheet1.xml", "<worksheet>"+strings.Repeat(strings.Repeat(" ", 1<<17)+"<a/>", 7)+"</worksheet>"), model.CodeTooLarge, "表格展开后"},
		{"deep nesting", Limits{}, packed(t, strings.Repeat("<a>", 1<<17)), model.CodeInvalid, "表格文件已损坏"},
		{"attributes without end", Limits{}, packed(t, "<row "+strings.Repeat(`a="" `, 1<<17)+"/>"), model.CodeInvalid, "表格文件已损坏"},
		{"empty strings without end", Limits{}, packed(t, "", "xl/sharedStrings.xml", "<sst>"+strings.Repeat("<si/>", maxStrings+1)+"</sst>"), model.CodeTooLarge, "表格展开后"},
		{"merges without end", Limits{}, packed(t, "", "xl/worksheets/sheet1.xml", "<worksheet><mergeCells>"+manyMerges(maxMerges+1)+"</mergeCells></worksheet>"), model.CodeInvalid, "表格文件已损坏"},
		{"large file", Limits{Bytes: 1 << 20}, bytes.Repeat([]byte("姓名,手机号\n"), 1<<17), model.CodeTooLarge, "文件太大：花名册不得超过 1 MB"},
		{"rows of a .csv", Limits{}, []byte("姓名,手机号\n" + strings.Repeat("甲,1\n", 100_000)), model.CodeTooLarge, "表格的行数太多"},
		{"columns of a .csv", Limits{}, []byte("姓名,手机号\n" + strings.Repeat("甲,", 20_000)), model.CodeTooLarge, "表格的列数太多"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begun := time.Now()
			_, err := Read(bytes.NewReader(tt.data), -1, "a.xlsx", tt.limits)
			took := time.Since(begun)
			runtime.ReadMemStats(&after)
			refused(t, err, tt.code, tt.begins)
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 200 {
				t.Errorf("took %d MB in all", used)
			}
			if took > 30*time.Second { // a tenth of a second where nothing else runs; the race detector on a busy machine needs 100 times that
				t.Errorf("took %v", took)
			}
		})
	}

	t.Run("rows that hold nothing are no bomb", func(t *testing.T) {
		if s := mustRead(t, packed(t, strings.Repeat("<row/>", 20_000))); s.HeaderRow != 1 {
			t.Errorf("%+v", s)
		}
	})
	t.Run("said to be large", func(t *testing.T) {
		_, err := Read(brokenReader{}, 6<<20, "a.xlsx", Limits{})
		refused(t, err, model.CodeTooLarge, "文件太大：花名册不得超过 5 MB")
	})
}

func manyMerges(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<mergeCell ref="A%d:A%d"/>`, i+1, i+2)
	}
	return b.String()
}

// understate makes the archive claim that a part is a thousand bytes long.
func understate(t *testing.T, data []byte, part string) {
	t.Helper()
	at := bytes.LastIndex(data, []byte(part)) // in the directory at the end; the size stands 22 bytes before the name
	if at < 0 || !bytes.Equal(data[at-46:at-42], []byte("PK\x01\x02")) {
		t.Fatal("the part is not in the directory")
	}
	copy(data[at-22:at-18], []byte{0xe8, 3, 0, 0})
}

func TestTextFiles(t *testing.T) {
	plain := "某支部花名册,,\n\n姓名,手机号,政治面貌,身份证号\n王芳,13800138000,中共党员,110101199003071234\n\n李雷,138-0013-8001,群众,\n"
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(plain)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(plain, ",", "\t"))
	if err != nil {
		t.Fatal(err)
	}
	want := &Sheet{
		HeaderRow: 3, Has: Has{PartyStatus: true}, IgnoredColumns: []string{"身份证号"},
		Rows: []Row{
			{Row: 4, Name: "王芳", Phone: "13800138000", PartyStatus: model.PartyFull},
			{Row: 6, Name: "李雷", Phone: "13800138001", PartyStatus: model.PartyNone},
		},
	}
	for name, data := range map[string]string{
		"UTF-8":                plain,
		"UTF-8 with a mark":    "\xef\xbb\xbf" + plain,
		"GB18030":              gbk,
		"UTF-16 with tabs":     wide,
		"tabs":                 strings.ReplaceAll(plain, ",", "\t"),
		"semicolons":           strings.ReplaceAll(plain, ",", ";"),
		"lines of Windows":     strings.ReplaceAll(plain, "\n", "\r\n"),
		"lines of the old Mac": strings.ReplaceAll(plain, "\n", "\r"),
		"quoted":               strings.NewReplacer("王芳", `"王芳"`, "13800138000", `"13800138000"`).Replace(plain),
		"kept as text":         strings.ReplaceAll(plain, "13800138000", `="13800138000"`),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Read(strings.NewReader(data), int64(len(data)), "a.csv", Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, s); diff != "" {
				t.Error(diff)
			}
		})
	}

	t.Run("a line break within a field is no new row", func(t *testing.T) {
		s := mustRead(t, []byte("姓名,手机号,单位\n王芳,13800138000,\"协和\n医院\"\n李雷,1,\n"))
		if s.Rows[0].Employer != "协和 医院" || s.Problems[0].Row != 3 {
			t.Errorf("%+v", s)
		}
	})
	t.Run("a formula", func(t *testing.T) {
		s := mustRead(t, []byte("姓名,手机号\n=cmd|'/c calc'!A1,13800138000\n"))
		if len(s.Rows) != 0 || s.Problems[0].Code != CodeFormula {
			t.Errorf("%+v", s)
		}
	})
}

func FuzzRead(f *testing.F) {
	sample, err := os.ReadFile(samplePath)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	f.Add(packed(f, `<row r="2"><c r="A2" t="inlineStr"><is><t>王芳</t></is></c><c r="B2"><v>13800138000</v></c></row>`))
	f.Add([]byte("姓名,手机号,政治面貌,入党时间\n王芳,13800138000,党员,2015.7\n\"李\n雷\",1,,\n"))
	f.Add([]byte("\xff\xfeY\x00"))
	limits := Limits{Bytes: 1 << 20, Unzipped: 1 << 20, Rows: 200, Columns: 30}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Read(bytes.NewReader(data), int64(len(data)), "a.xlsx", limits)
		holds(t, s, err)
	})
}

// FuzzWorksheet changes the parts themselves, which FuzzRead can't reach behind their checksums.
func FuzzWorksheet(f *testing.F) {
	f.Add(`<row r="2"><c r="A2" t="inlineStr"><is><t>王芳</t></is></c><c r="B2"><v>13800138000</v></c></row>`, `<si><t>王</t></si>`)
	f.Add(`<row><c t="s"><v>2</v></c><c t="e"><f>A1</f><v>#N/A</v></c></row><mergeCells><mergeCell ref="A2:A3"/></mergeCells>`, `<si><r><t>李雷</t></r><rPh><t>x</t></rPh></si>`)
	f.Fuzz(func(t *testing.T, rows, texts string) {
		data := packed(t, rows, "xl/sharedStrings.xml", fmt.Sprintf(sstXML, texts))
		s, err := readBytes(data)
		holds(t, s, err)
	})
}

// holds asks for what must be true of every answer.
func holds(t *testing.T, s *Sheet, err error) {
	if err != nil {
		if e, ok := err.(*model.Error); !ok || e.Detail == "" {
			t.Fatalf("not one of our errors: %v", err)
		}
		return
	}
	for _, r := range s.Rows {
		if phone, ok := model.NormalizePhone(r.Phone); !ok || phone != r.Phone || r.Name == "" || model.RunsAsFormula(r.Name) {
			t.Fatalf("a bad row got through: %+v", r)
		}
		if r.JoinedOn != "" && !r.JoinedOn.Valid() || r.Row <= s.HeaderRow {
			t.Fatalf("a bad row got through: %+v", r)
		}
		for _, text := range []string{r.Name, r.Employer, r.Title, r.Group} {
			if holdsIdentity(text) {
				t.Fatalf("an identity number got through in row %d", r.Row)
			}
		}
	}
	for _, p := range s.Problems {
		if p.Column == "" || p.Code == "" || p.Detail == "" || holdsIdentity(p.Detail) {
			t.Fatalf("a bad problem: %+v", p)
		}
	}
}
