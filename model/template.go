package model

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// TemplateFact is a message template as a WeChat account really has it.
type TemplateFact struct {
	ID    string
	Title string
	Kind  QuotaKind           // empty for a template of the service account, which needs no grant
	Keys  []string            // in the order of the card, such as thing1, time2
	Enums map[string][]string // the values that an enumerated key may take
}

// TemplateFaultCode says what is wrong between the settings and an account.
type TemplateFaultCode string

// The faults. All but TemplateUnknownField make WeChat refuse every card of the kind.
const (
	TemplateUnknownKind  TemplateFaultCode = "unknown_kind"  // the settings name a kind that the program does not send
	TemplateMissing      TemplateFaultCode = "missing"       // the account has no such template
	TemplateWrongKind    TemplateFaultCode = "wrong_kind"    // one-time where the settings say long-term, or the reverse
	TemplateMissingKey   TemplateFaultCode = "missing_key"   // a field goes to a key that the template does not have
	TemplateUnfilledKey  TemplateFaultCode = "unfilled_key"  // no field fills a key, and WeChat refuses a card with a hole
	TemplateKeyTwice     TemplateFaultCode = "key_twice"     // two fields go to one key, and one of them would be lost by chance
	TemplateUnknownField TemplateFaultCode = "unknown_field" // the kind has no such field, so that the key would always be empty
	TemplateNoFields     TemplateFaultCode = "no_fields"     // the settings name no field, or the template has no key
)

// TemplateFault is one disagreement between the settings and an account.
type TemplateFault struct {
	Kind       PushKind
	TemplateID string
	Title      string // WeChat's; empty for a template that is not there
	Code       TemplateFaultCode
	Field      string
	Key        string
	Want, Have QuotaKind // of a wrong kind
}

// Fatal reports whether WeChat would refuse the cards of the kind, so that the template has to be taken out of service.
func (f TemplateFault) Fatal() bool { return f.Code != TemplateUnknownField }

// Error says what is wrong and what to mend, in Chinese.
func (f TemplateFault) Error() string {
	switch f.Code {
	case TemplateUnknownKind:
		return fmt.Sprintf("设置中的推送类型 %s 不存在", f.Kind)
	case TemplateMissing:
		return fmt.Sprintf("%s 的模板 %s 不在该账号中", f.Kind, f.TemplateID)
	case TemplateWrongKind:
		return fmt.Sprintf("%s 的模板“%s”是%s，设置中写的是%s", f.Kind, f.Title, quotaName(f.Have), quotaName(f.Want))
	case TemplateMissingKey:
		return fmt.Sprintf("%s 的字段 %s 对应的 %s 不在模板“%s”中", f.Kind, f.Field, f.Key, f.Title)
	case TemplateUnfilledKey:
		return fmt.Sprintf("%s 的模板“%s”有 %s，但没有字段与它对应，微信会拒收缺项的消息", f.Kind, f.Title, f.Key)
	case TemplateKeyTwice:
		return fmt.Sprintf("%s 的字段 %s 都对应到模板“%s”的 %s，每个 %s 只能对应一个字段", f.Kind, f.Field, f.Title, f.Key, f.Key)
	case TemplateUnknownField:
		return fmt.Sprintf("%s 没有名为 %s 的字段，模板“%s”的 %s 将只显示“无”", f.Kind, f.Field, f.Title, f.Key)
	}
	return fmt.Sprintf("%s 的模板“%s”没有可填的字段", f.Kind, f.Title)
}

func quotaName(k QuotaKind) string {
	if k == QuotaLongTerm {
		return "长期订阅"
	}
	return "一次性订阅"
}

// CheckTemplates holds the settings' templates against those that an account has, and names every fault in a fixed order.
// It serves both accounts: a template of the service account has no kind, so none is compared.
func CheckTemplates(settings map[PushKind]PushTemplate, have []TemplateFact) []TemplateFault {
	byID := make(map[string]TemplateFact, len(have))
	for _, t := range have {
		byID[t.ID] = t
	}
	var faults []TemplateFault
	for _, kind := range slices.Sorted(maps.Keys(settings)) {
		t := settings[kind]
		fault := TemplateFault{Kind: kind, TemplateID: t.ID}
		if !kind.Valid() {
			fault.Code = TemplateUnknownKind
			faults = append(faults, fault)
			continue
		}
		fact, ok := byID[t.ID]
		if !ok {
			fault.Code = TemplateMissing
			faults = append(faults, fault)
			continue
		}
		faults = append(faults, checkTemplate(kind, t, fact)...)
	}
	return faults
}

// checkTemplate compares one template with its mapping.
func checkTemplate(kind PushKind, t PushTemplate, fact TemplateFact) (faults []TemplateFault) {
	add := func(code TemplateFaultCode, field, key string) {
		faults = append(faults, TemplateFault{Kind: kind, TemplateID: t.ID, Title: fact.Title, Code: code, Field: field, Key: key, Want: t.Kind, Have: fact.Kind})
	}
	if len(t.Fields) == 0 || len(fact.Keys) == 0 {
		add(TemplateNoFields, "", "")
		return faults
	}
	if want := cmp.Or(t.Kind, QuotaOneTime); fact.Kind != "" && fact.Kind != want {
		add(TemplateWrongKind, "", "")
	}
	filled := map[string][]string{}
	for _, field := range slices.Sorted(maps.Keys(t.Fields)) {
		key := t.Fields[field]
		filled[key] = append(filled[key], field)
		switch {
		case !slices.Contains(fact.Keys, key):
			add(TemplateMissingKey, field, key)
		case !slices.Contains(kind.FieldNames(), field):
			add(TemplateUnknownField, field, key)
		}
	}
	for _, key := range fact.Keys {
		switch len(filled[key]) {
		case 0:
			add(TemplateUnfilledKey, "", key)
		case 1:
		default:
			add(TemplateKeyTwice, strings.Join(filled[key], "、"), key)
		}
	}
	return faults
}
