package member

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"

	"zhibu/model"
)

// surnameReading is how a surname sounds; the dictionary gives the everyday reading of its characters.
func surnameReading(name []rune) []string {
	if len(name) > 2 {
		if two, ok := doubleSurnames[string(name[:2])]; ok {
			return strings.Fields(two)
		}
	}
	if one, ok := singleSurnames[name[0]]; ok {
		return []string{one}
	}
	return nil
}

var doubleSurnames = map[string]string{
	"尉迟": "yu4 chi2", "万俟": "mo4 qi2", "澹台": "tan2 tai2", "单于": "chan2 yu2", "长孙": "zhang3 sun1", "宰父": "zai3 fu3",
	"令狐": "ling2 hu2", "皇甫": "huang2 fu3", "夏侯": "xia4 hou2", "乐正": "yue4 zheng4", "濮阳": "pu2 yang2", "宗政": "zong1 zheng4",
}

var singleSurnames = map[rune]string{
	'单': "shan4", '曾': "zeng1", '仇': "qiu2", '解': "xie4", '区': "ou1", '查': "zha1", '任': "ren2", '盖': "ge3", '华': "hua4",
	'朴': "piao2", '翟': "zhai2", '乐': "yue4", '缪': "miao4", '折': "she2", '种': "chong2", '繁': "po2", '召': "shao4", '员': "yun4",
	'秘': "bi4", '那': "na1", '覃': "qin2", '盛': "sheng4", '燕': "yan1", '应': "ying1", '宁': "ning4", '令': "ling2", '能': "nai4",
	'葛': "ge3", '过': "guo1", '谌': "chen2", '隗': "wei3", '牟': "mou2", '莘': "shen1", '於': "yu1", '柏': "bai3", '薄': "bo2",
	'祭': "zhai4", '阚': "kan4", '郇': "xun2", '佴': "nai4", '乜': "nie4", '哈': "ha3", '黑': "he4", '句': "gou1", '洗': "xian3",
	'郄': "qie4", '都': "du1", '相': "xiang4", '逄': "pang2", '晟': "cheng2", '尉': "wei4", '车': "che1", '长': "chang2", '重': "chong2",
}

// longestSort is what the column holds.
const longestSort = 200

// SortKey is the key by which names stand in the customary order: by the sound of each character, with its tone, and where two sound alike, by the
// character, so that bearers of one surname stay together. Latin names stand before, without regard to case.
func SortKey(name string) string {
	rs := []rune(model.FoldName(name))
	if len(rs) == 0 {
		return ""
	}
	sounds := surnameReading(rs)
	args := pinyin.NewArgs()
	args.Style = pinyin.Tone3
	var b strings.Builder
	length := 0
	for i, r := range rs {
		part := string(unicode.ToLower(r))
		sound := ""
		if i < len(sounds) {
			sound = sounds[i]
		} else if read := pinyin.SinglePinyin(r, args); len(read) > 0 {
			sound = read[0]
		}
		part = sound + part
		if length += len([]rune(part)); length > longestSort {
			break
		}
		b.WriteString(part)
	}
	return b.String()
}
