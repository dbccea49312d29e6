package model

import (
	"strings"
	"unicode"
)

// DeviceWords says in Chinese on what somebody signed in, from the browser's own name: enough to recognise one's own, and too little to follow anybody.
// What is in such words already stays as it is.
func DeviceWords(userAgent string) string {
	if strings.IndexFunc(userAgent, func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0 {
		return CutRunes(userAgent, 60)
	}
	system, program := firstOf(userAgent, deviceSystems), firstOf(userAgent, devicePrograms)
	switch {
	case system == "" && program == "":
		return "未知设备"
	case system == "":
		return program
	case program == "":
		return system
	}
	return system + " · " + program
}

func firstOf(userAgent string, table [][2]string) string {
	for _, row := range table {
		if strings.Contains(userAgent, row[0]) {
			return row[1]
		}
	}
	return ""
}

// The order matters: several names stand in most of these, and the most telling comes first.
var (
	deviceSystems = [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"OpenHarmony", "鸿蒙手机"}, {"HarmonyOS", "鸿蒙手机"}, {"Android", "安卓手机"}, {"Windows", "Windows 电脑"},
		{"Macintosh", "苹果电脑"}, {"CrOS", "Chromebook 电脑"}, {"Linux", "Linux 电脑"},
	}
	devicePrograms = [][2]string{
		{"wechatdevtools", "微信开发者工具"}, {"miniProgram", "微信小程序"}, {"MiniProgramEnv", "微信小程序"}, {"MicroMessenger", "微信"}, {"wxwork", "企业微信"}, {"DingTalk", "钉钉"},
		{"Edg", "Edge 浏览器"}, {"QQBrowser", "QQ 浏览器"}, {"MetaSr", "搜狗浏览器"}, {"UCBrowser", "UC 浏览器"}, {"MiuiBrowser", "小米浏览器"}, {"HuaweiBrowser", "华为浏览器"},
		{"OPR", "Opera 浏览器"}, {"Firefox", "火狐浏览器"}, {"Chrome", "Chrome 浏览器"}, {"Safari", "Safari 浏览器"}, {"curl", "命令行"}, {"Go-http-client", "程序"},
	}
)
