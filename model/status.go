package model

import "strings"

// PartyStatus is a person's standing towards the Party. There are four here and no more.
type PartyStatus string

// The statuses.
const (
	PartyFull         PartyStatus = "full"         // 中共党员
	PartyProbationary PartyStatus = "probationary" // 预备党员
	PartyApplicant    PartyStatus = "applicant"    // 入党积极分子
	PartyNone         PartyStatus = "non_party"    // 群众
)

var partyLabels = map[PartyStatus]string{
	PartyFull:         "中共党员",
	PartyProbationary: "预备党员",
	PartyApplicant:    "入党积极分子",
	PartyNone:         "群众",
}

// partyWordings are the ways rosters write the statuses, without blanks and brackets.
var partyWordings = map[string]PartyStatus{
	"党员": PartyFull, "中共党员": PartyFull, "正式党员": PartyFull, "中共正式党员": PartyFull, "共产党员": PartyFull,
	"中国共产党党员": PartyFull, "中国共产党正式党员": PartyFull, "党员正式": PartyFull, "中共党员正式": PartyFull,

	"预备党员": PartyProbationary, "中共预备党员": PartyProbationary, "预备": PartyProbationary,
	"中国共产党预备党员": PartyProbationary, "党员预备": PartyProbationary, "中共党员预备": PartyProbationary, "中共党员预备期": PartyProbationary,

	"入党积极分子": PartyApplicant, "积极分子": PartyApplicant, "发展对象": PartyApplicant,

	"群众": PartyNone, "普通群众": PartyNone, "非党员": PartyNone, "非中共党员": PartyNone,
}

// ParsePartyStatus understands the usual Chinese wordings. 发展对象 is still an applicant.
//
// 共青团员, the democratic parties, 无党派人士 and 入党申请人 do not exist here and are refused: each is a status of its own,
// and writing 群众 or 入党积极分子 for it would be a false statement about a person. Whoever keeps the roster decides.
func ParsePartyStatus(s string) (PartyStatus, bool) {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("()[]【】〔〕·-", r) {
			return -1
		}
		return r
	}, FoldName(s))
	p, ok := partyWordings[s]
	return p, ok
}

// Valid reports whether p is one of the four.
func (p PartyStatus) Valid() bool { return partyLabels[p] != "" }

// Label is the status in Chinese, as ParsePartyStatus reads it back; empty for what is no status.
func (p PartyStatus) Label() string { return partyLabels[p] }

// InParty reports whether p may see what is for the Party alone: full and probationary members.
func (p PartyStatus) InParty() bool { return p == PartyFull || p == PartyProbationary }

// MayVote reports whether p counts in votes: full members only.
func (p PartyStatus) MayVote() bool { return p == PartyFull }
