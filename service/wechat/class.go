package wechat

import "time"

// RetryClass says what to do about a failed call. Every class but ClassUnknownOutcome means that a send surely did not happen.
type RetryClass string

// The classes. "Later" is CallError.RetryAfter, to which the caller adds its own jitter.
const (
	ClassRetry          RetryClass = "retry"           // busy; try again after a short, growing pause
	ClassToken          RetryClass = "token"           // token dead even after one renewal inside the door; try again later
	ClassConfig         RetryClass = "config"          // secret, whitelist or permission; tell the administrator, no retry
	ClassMinute         RetryClass = "minute"          // minute quota; try again in the next minute
	ClassSecond         RetryClass = "second"          // per-second limit; slow down
	ClassDaily          RetryClass = "daily"           // day's quota; stop calling this API
	ClassRecipient      RetryClass = "recipient"       // the openid is not valid; mark it unusable
	ClassNotFollowing   RetryClass = "not_following"   // the person does not follow the service account
	ClassNoGrant        RetryClass = "no_grant"        // no subscription left or refused; the local quota becomes 0
	ClassTemplate       RetryClass = "template"        // template invalid or banned; stop using it, tell the administrator
	ClassConcurrent     RetryClass = "concurrent"      // another send to the same person is under way; shortly later
	ClassContent        RetryClass = "content"         // the words are refused; never again with the same text
	ClassPage           RetryClass = "page"            // the page does not exist; mend it or send without a page
	ClassData           RetryClass = "data"            // a field is refused; CallError.FieldKey names it
	ClassNotRecent      RetryClass = "not_recent"      // the person was not in the mini-program within two hours
	ClassCode           RetryClass = "code"            // the login or phone code is invalid, expired or used
	ClassBlocked        RetryClass = "blocked"         // WeChat blocks this person as a risk
	ClassDuplicate      RetryClass = "duplicate"       // the same media was already submitted; use the first trace id
	ClassBug            RetryClass = "bug"             // our request is wrong
	ClassOther          RetryClass = "other"           // an errcode this table does not know; WeChat refused, no retry
	ClassUnknownOutcome RetryClass = "unknown_outcome" // no clear answer to a send: it may have happened
	ClassNotSent        RetryClass = "not_sent"        // no connection was ever made: it surely did not happen
)

// The APIs, by their paths; CallError.API is one of them.
const (
	APILogin         = "/sns/jscode2session"
	APIToken         = "/cgi-bin/stable_token"
	APISubscribeSend = "/cgi-bin/message/subscribe/send"
	APITemplateSend  = "/cgi-bin/message/template/send"
	APITemplates     = "/wxaapi/newtmpl/gettemplate"
	APITextCheck     = "/wxa/msg_sec_check"
	APIMediaCheck    = "/wxa/media_check_async"
	APIPhone         = "/wxa/business/getuserphonenumber"
	APIQRCode        = "/wxa/getwxacodeunlimit"
	APIQuota         = "/cgi-bin/openapi/quota/get"
	APIWebLogin      = "/sns/oauth2/access_token"
	APIWebUser       = "/sns/userinfo"
	APIRID           = "/cgi-bin/openapi/rid/get"

	APIFollowers         = "/cgi-bin/user/get"
	APIFollowersInfo     = "/cgi-bin/user/info/batchget"
	APIFollower          = "/cgi-bin/user/info"
	APIOfficialTemplates = "/cgi-bin/template/get_all_private_template"
)

// unclear is WeChat's "system busy", and how an answer that cannot be read is treated.
const unclear = -1

// classes is the one table of what an errcode means on any API; classesOf overrides it where an API differs.
var classes = map[int]RetryClass{
	unclear: ClassRetry,

	40001: ClassToken, 40014: ClassToken, 42001: ClassToken,

	40002: ClassConfig, 40013: ClassConfig, 40125: ClassConfig, 41002: ClassConfig, 41004: ClassConfig,
	40164: ClassConfig, 89503: ClassConfig, 89506: ClassConfig, 89507: ClassConfig, 40243: ClassConfig, 50004: ClassConfig, 50007: ClassConfig,
	48001: ClassConfig, 48004: ClassConfig, 50001: ClassConfig, 50002: ClassConfig, 61007: ClassConfig, 76022: ClassConfig,
	// The caller's address is not registered, and an API that WeChat has taken out of service.
	61004: ClassConfig, 45109: ClassConfig,

	45011: ClassMinute, 44991: ClassMinute,
	44990: ClassSecond,
	45009: ClassDaily, 48006: ClassDaily,

	40003: ClassRecipient, 43104: ClassRecipient,
	43004: ClassNotFollowing, 43019: ClassNotFollowing,
	43101: ClassNoGrant,
	43107: ClassTemplate, 40037: ClassTemplate, 40036: ClassTemplate, 43116: ClassTemplate,
	43108: ClassConcurrent,
	45168: ClassContent, 87014: ClassContent, 40249: ClassContent,
	41030: ClassPage,
	47003: ClassData,
	61010: ClassNotRecent,
	40029: ClassCode, 40163: ClassCode, 87007: ClassCode, 87008: ClassCode, 87009: ClassCode,
	40226: ClassBlocked,
	87020: ClassDuplicate,

	41001: ClassBug, 43002: ClassBug, 43003: ClassBug, 44002: ClassBug, 47001: ClassBug, 40066: ClassBug,
	40004: ClassBug, 40008: ClassBug, 40032: ClassBug, 40039: ClassBug, 40097: ClassBug, 40129: ClassBug, 40169: ClassBug, 85096: ClassBug,
	76001: ClassBug, 76002: ClassBug, 76003: ClassBug, 76004: ClassBug, 76021: ClassBug,
}

// classesOf holds what an API means differently.
var classesOf = map[string]map[int]RetryClass{
	// On the token endpoint these speak of the secret, not of a token: fetching again would never help.
	APIToken:    {40001: ClassConfig, 40014: ClassConfig, 42001: ClassConfig},
	APILogin:    {40001: ClassConfig},
	APIWebLogin: {40001: ClassConfig},
	// The code was made for another mini-program.
	APIPhone: {40013: ClassCode},
	// The older page uses the daily code for the 5000 a minute.
	APIQRCode: {45009: ClassMinute},
	// "Busy" does not say that nothing happened. A template message may be repeated all the same while its client_msg_id is known.
	APISubscribeSend: {unclear: ClassUnknownOutcome},
	// The mini-program to which the card leads is not linked to the account, or an address of the card is wrong: a mistake of the settings.
	APITemplateSend: {unclear: ClassUnknownOutcome, 40013: ClassConfig, 40048: ClassConfig, 40165: ClassPage},
}

// waits is how long to leave a class alone, and waitsOf the two errcodes whose time WeChat states.
var waits = map[RetryClass]time.Duration{
	ClassRetry: time.Second, ClassToken: 30 * time.Second, ClassMinute: time.Minute, ClassSecond: time.Second,
	// When the day's quota comes back is not documented, so it is probed each hour.
	ClassDaily: time.Hour, ClassConcurrent: 2 * time.Second, ClassNotSent: 5 * time.Second,
}

var waitsOf = map[int]time.Duration{89506: 24 * time.Hour, 89507: time.Hour}

// Class tells what an errcode of an API means. Zero is success and has no class.
func Class(api string, errcode int) RetryClass {
	if errcode == 0 {
		return ""
	}
	if c, ok := classesOf[api][errcode]; ok {
		return c
	}
	if c, ok := classes[errcode]; ok {
		return c
	}
	return ClassOther
}

func waitFor(class RetryClass, errcode int) time.Duration {
	if w, ok := waitsOf[errcode]; ok {
		return w
	}
	return waits[class]
}
