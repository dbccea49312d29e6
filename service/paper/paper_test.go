package paper

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"
)

func sample(t *testing.T, rows int) []byte {
	t.Helper()
	d := New("学习记录", time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC))
	d.Title("2026 年度个人学习记录")
	d.Text("姓名：张喆堃    所在党组织：心肺康复党支部、第一党小组")
	d.Text("这是一个很长的段落，用来看看换行是否正确，标点是否会出现在行首；数字 2026 与英文 COVID-19 也在其中，括号（试行）、书名号《章程》、引号“学习”都应当好好地显示，不能成为方块或者空白。")
	var list [][]string
	for i := range rows {
		list = append(list, []string{"2026-11-23", fmt.Sprintf("第 %d 项：关于学习贯彻党的二十届四中全会精神、扎实做好康复服务行活动的通知", i+1), "阅读", "3"})
	}
	d.Table([]Column{{"日期", 0.18}, {"内容", 0.56}, {"方式", 0.14}, {"分钟", 0.12}}, list)
	d.Space()
	d.Note("本记录由本人导出。😀 这样的字符字库里没有。")
	b, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDocumentIsSmallAndHasItsPages(t *testing.T) {
	b := sample(t, 60)
	if !bytes.HasPrefix(b, []byte("%PDF-")) || !bytes.Contains(b[len(b)-32:], []byte("%%EOF")) {
		t.Error("no PDF")
	}
	if n := bytes.Count(b, []byte("/Type /Page\n")); n < 3 {
		t.Errorf("%d pages", n)
	}
	if len(b) > 300_000 || len(b) < 10_000 {
		t.Errorf("%d bytes: the font is embedded as far as it is used", len(b))
	}
	if !bytes.Contains(b, []byte("/FontFile2")) {
		t.Error("the font is not in it")
	}
	if at := os.Getenv("ZHIBU_TEST_PDF"); at != "" { // to look at
		if err := os.WriteFile(at, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if again := sample(t, 60); !bytes.Equal(b, again) {
		t.Error("the same record makes another document")
	}
}

func TestAnEmptyTable(t *testing.T) { sample(t, 0) }
