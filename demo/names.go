package demo

import "strings"

// The pools below make up names, towns and posts. The towns do not exist.

// surnames gives the common ones three times the chance of the rest.
func surnames() []string {
	common := ` 王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕 苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎`
	return strings.Fields(common + common + common + ` 余 潘 杜 戴 夏 钟 汪 田 任 姜 范 方 石 姚 谭 廖 邹 熊 金 陆 郝 孔 白 崔 康 毛 邱 秦 江 史 顾 侯 邵 孟 龙
		万 段 钱 汤 尹 黎 易 常 武 乔 贺 赖 龚 文 单 仇 解 欧阳 上官 诸葛 慕容 皇甫 令狐 端木 司徒 夏侯 尉迟 南宫`)
}

// givenNames holds names of two characters and, at the end, rarer ones of one, which seldom meet anybody known.
func givenNames() []string {
	return strings.Fields(`子谦 思齐 文澜 书言 景明 若溪 清越 怀远 亦凡 知行 明川 嘉木 雨桐 静姝 婉清 秋禾 春晓 晓岚 雪晴 慧敏 丽华 桂芳 秀兰 玉珍 淑贞
		永康 德厚 承志 守正 伯安 仲平 季明 启航 振宇 云舒 星河 宏毅 博文 家栋 立言 立本 敬业 敬之 执中 秉文 秉谦 行简 居易 安世 长庚
		欣怡 梦洁 诗涵 佳颖 雅琴 美玲 晓燕 红梅 彩霞 春梅 素芬 惠如 文静 心怡 可欣 语嫣 芷若 沐晴 念慈 安宁 乐水 存义 广生 庆丰
		学勤 敏学 致远 修文 崇德 尚志 维桢 树人 润泽 润生 济民 济世 保康 康宁 仁杰 义方 礼和 智明 信诚 怡然 悠然 卓然 斐然 泰然
		向阳 朝晖 晨曦 晚晴 霁月 映雪 听松 望山 临风 鹤鸣 雁秋 燕飞 鸣谦 骏驰 麟书 凤仪 兰馨 菊英 竹青 梅影 松年 柏林 桐华 槐安
		岚 雯 筠 芮 蘅 珩 琰 珂 珞 恺 翊 铮 澍 祎 颢 璟 昀 暄 璇 蕾 瑾 睿 霖`)
}

// famous must not come out of the draw: a demonstration shall not seem to mean anybody.
func famous() []string {
	return strings.Fields(`毛泽东 周恩来 刘少奇 邓小平 习近平 李强 赵乐际 王沪宁 蔡奇 丁薛祥 李希 江泽民 胡锦涛 温家宝 宋涛 王毅 姚培生 马云 马化腾
		杨振宇 李睿 徐睿 李蕾 王珂 曹璇 张瑾 李昀 刘恺 赵霖 周树人 白居易 唐寅 纪晓岚 李柏林 王语嫣 周芷若 范文澜 赵丽华 陈秋实 王博文 张博文
		刘浩然 徐天佑 马天佑 郭松年 王雪晴 汤鹏举 李玉珍 谢文静 李秀兰 张秀兰 王秀兰 李晓燕 李宏毅 段琰 解珂 杨澍 李景明 贾思齐 李思齐 王振宇`)
}

// fullName draws a name nobody in the roster has yet.
func fullName(d *draw, taken map[string]bool) string {
	for {
		name := d.of(surnames()) + d.of(givenNames())
		ok := !taken[name]
		for _, f := range famous() {
			ok = ok && name != f
		}
		if ok {
			taken[name] = true
			return name
		}
	}
}

func towns() []string {
	return strings.Fields(`江州市 望海市 锦川市 安澜市 云麓市 平澜市 白鹭市 东陵市 柳泉市 清渠市 澄湖市 南屿市 春申市 梅岭市 石梁市 鹿鸣市 云屏市 归雁市
		沙溪市 雪岭县 桐溪县 青崖市 长湾市 金桥市 松石市 海棠市 明镜市 流云县`)
}

func houses(child bool) []string {
	if child {
		return strings.Fields("儿童医院 妇幼保健院 儿童医院 中心医院 康复医院 残疾人康复中心 第一人民医院 中医医院")
	}
	return strings.Fields("第一人民医院 第二人民医院 中心医院 中医医院 康复医院 人民医院 医学院附属医院 残疾人康复中心 社区卫生服务中心 中西医结合医院")
}

// titles fit the group a little: nurses among the nurses, speech therapists where speech is treated.
func titles(group string) []string {
	common := strings.Fields("主任医师 副主任医师 主治医师 住院医师 主任治疗师 副主任治疗师 主管治疗师 主管治疗师 治疗师 治疗师 康复科主任 副教授")
	switch group {
	case "cardio-nursing":
		return strings.Fields("护士长 护士长 主任护师 副主任护师 主管护师 主管护师 护师 副主任医师 主管治疗师")
	case "neuro-speech":
		return append(common, "言语治疗师", "言语治疗师", "主管护师")
	case "neuro-spinal":
		return append(common, "假肢矫形师", "副主任护师", "心理治疗师")
	case "child-family":
		return append(common, "社会工作者", "音乐治疗师", "心理治疗师")
	}
	return common
}
