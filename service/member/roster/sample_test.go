package roster

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

const samplePath = "testdata/花名册-心肺康复.xlsx"

// The sample as a person reads it, row by row.
func sampleRows() []Row {
	return []Row{
		{4, "王建国", "13910000000", "full", "北京协和医院", "主任医师", "第一党小组", "2003-07-01"},
		{5, "赵海燕", "13910000137", "full", "华中科技大学同济医学院附属同济医院", "副主任医师", "第二党小组", "1998-06-01"},
		{6, "胡春兰", "13910020274", "non_party", "四川大学华西医院", "主治医师", "", "2003-07-01"},
		{7, "梁振华", "13910000411", "full", "中山大学附属第一医院", "主任治疗师", "第一党小组", "2011-05-04"},
		{8, "邓桂芳", "13910000548", "probationary", "江苏省人民医院", "副主任护师", "第二党小组", "2003-07-01"},
		{9, "潘丽华", "13910000685", "applicant", "复旦大学附属华山医院", "康复治疗师", "", "1998-06-01"},
		{10, "叶文静", "13910000822", "full", "新疆维吾尔自治区人民医院", "教授", "第一党小组", "2003-07-01"},
		{11, "卢永刚", "13910000959", "probationary", "中国康复研究中心", "", "第二党小组", "2011-05-04"},
		{12, "陆敏", "13910081096", "full", "吉林大学第二医院", "主任医师", "", "2003-07-01"},
		{14, "孟志强", "13910001370", "non_party", "北京协和医院", "主治医师", "第二党小组", "2003-07-01"},
		{15, "闫国栋", "13910001507", "full", "华中科技大学同济医学院附属同济医院", "主任治疗师", "", "2011-05-04"},
		{17, "覃磊", "13910001781", "applicant", "中山大学附属第一医院", "康复治疗师", "第二党小组", "1998-06-01"},
		{18, "向慧", "13910141918", "full", "江苏省人民医院", "教授", "", "2003-07-01"},
		{19, "杨秀英", "13910002055", "probationary", "复旦大学附属华山医院", "", "第一党小组", "2011-05-04"},
		{20, "马雪梅", "13910002192", "full", "新疆维吾尔自治区人民医院", "主任医师", "第二党小组", "2003-07-01"},
		{21, "罗佳琪", "13910002329", "full", "中国康复研究中心", "副主任医师", "", "1998-06-01"},
		{22, "韩婷", "13910002466", "non_party", "吉林大学第二医院", "主治医师", "第一党小组", "2003-07-01"},
		{23, "田鹏飞", "13910002603", "full", "西藏自治区人民医院", "主任治疗师", "第二党小组", "2011-05-04"},
		{25, "丁俊杰", "13910002877", "applicant", "华中科技大学同济医学院附属同济医院", "康复治疗师", "第一党小组", "1998-06-01"},
		{26, "崔玉珍", "13910003014", "full", "四川大学华西医院", "教授", "第二党小组", "2003-07-01"},
		{27, "金浩然", "13910003151", "probationary", "中山大学附属第一医院", "", "", "2011-05-04"},
		{28, "熊建国", "13910003288", "full", "江苏省人民医院", "主任医师", "第一党小组", "2003-07-01"},
		{30, "史春兰", "13910263562", "non_party", "新疆维吾尔自治区人民医院", "主治医师", "", "2003-07-01"},
		{31, "邵振华", "13910003699", "full", "中国康复研究中心", "主任治疗师", "第一党小组", "2011-05-04"},
		{32, "莫桂芳", "13910003836", "probationary", "吉林大学第二医院", "副主任护师", "第二党小组", "2003-07-01"},
		{33, "刘丽华", "13910003973", "applicant", "西藏自治区人民医院", "康复治疗师", "", "1998-06-01"},
		{35, "林永刚", "13910004247", "probationary", "华中科技大学同济医学院附属同济医院", "", "第二党小组", "2011-05-04"},
		{36, "唐敏", "13910324384", "full", "四川大学华西医院", "主任医师", "", "2003-07-01"},
		{38, "蒋志强", "13910004658", "non_party", "江苏省人民医院", "主治医师", "第二党小组", "2003-07-01"},
		{39, "苏国栋", "13910004795", "full", "复旦大学附属华山医院", "主任治疗师", "", "2011-05-04"},
		{40, "钟思远", "13910004932", "probationary", "新疆维吾尔自治区人民医院", "副主任护师", "第一党小组", "2003-07-01"},
		{41, "廖磊", "13910005069", "applicant", "中国康复研究中心", "康复治疗师", "第二党小组", "1998-06-01"},
		{43, "侯秀英", "13910005343", "probationary", "西藏自治区人民医院", "", "第一党小组", "2011-05-04"},
		{44, "龙雪梅", "13910005480", "full", "北京协和医院", "主任医师", "第二党小组", "2003-07-01"},
		{45, "顾佳琪", "13910005617", "full", "华中科技大学同济医学院附属同济医院", "副主任医师", "", "1998-06-01"},
		{46, "戴婷", "13910005754", "non_party", "四川大学华西医院", "主治医师", "第一党小组", "2003-07-01"},
		{47, "李鹏飞", "13910005891", "full", "中山大学附属第一医院", "主任治疗师", "第二党小组", "2011-05-04"},
		{48, "吴晓明", "13910446028", "probationary", "江苏省人民医院", "副主任护师", "", "2003-07-01"},
		{49, "郭俊杰", "13910006165", "applicant", "复旦大学附属华山医院", "康复治疗师", "第一党小组", "1998-06-01"},
	}
}

func TestSample(t *testing.T) {
	got, err := readFile(t, samplePath)
	if err != nil {
		t.Fatal(err)
	}
	want := &Sheet{
		Name:           "党员花名册",
		HeaderRow:      3,
		Has:            Has{PartyStatus: true, Employer: true, Title: true, Group: true, JoinedOn: true},
		IgnoredColumns: []string{"序号", "性别", "民族", "出生年月", "身份证号"},
		Rows:           sampleRows(),
		Problems: []Problem{
			{16, "手机号码", CodeInvalidPhone, "手机号应为 11 位数字，现在有 10 位，请核对。"},
			{24, "政治面貌", CodeUnknownStatus, "这里没有“共青团员”这种政治面貌，请填写：中共党员、预备党员、入党积极分子或群众。"},
			{29, "姓名", CodeRequired, "请填写姓名。"},
			{37, "手机号码", CodeDuplicatePhone, "手机号 139****0822 与第 10 行相同，请核对后只保留一行，或改正手机号。"},
			{42, "姓名", CodeFormula, "内容以“=”开头，会被当作公式，请改为填写文字本身。"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the sample is not read as a person reads it (-want +got):\n%s", diff)
	}
}

// The numbers are taken from the file by another program, and looked for in everything the reader keeps or hands out.
func TestIdentityNumbersAreNowhere(t *testing.T) {
	f, err := excelize.OpenFile(samplePath)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := f.GetRows("党员花名册")
	if err != nil {
		t.Fatal(err)
	}
	var numbers []string
	for _, line := range lines {
		if len(line) > 7 && holdsIdentity(line[7]) {
			numbers = append(numbers, line[7])
		}
	}
	if len(numbers) != 44 {
		t.Fatalf("the sample has 44 identity numbers, found %d", len(numbers))
	}

	data, err := os.ReadFile(samplePath)
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := Read(bytes.NewReader(data), int64(len(data)), samplePath, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	// What the reader holds half-way: the shared strings and the table.
	p, err := openParcel(data, 1<<24)
	if err != nil {
		t.Fatal(err)
	}
	b := &workbook{parcel: p}
	if err := b.open(); err != nil {
		t.Fatal(err)
	}
	if len(b.strings) == 0 {
		t.Fatal("no shared strings were read, so the test sees nothing")
	}
	dump := fmt.Sprintf("%#v %#v", *sheet, b.strings)
	for _, n := range numbers {
		if strings.Contains(dump, n) || strings.Contains(dump, n[:14]) {
			t.Fatalf("the identity number in the line that ends in %s is kept", n[14:])
		}
	}
}

func readFile(t *testing.T, name string) (*Sheet, error) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return Read(bytes.NewReader(data), int64(len(data)), name, Limits{})
}
