package privacy

// section is one kind of the person's data in the export: what it is called, and the statement that reads it. An argument is the person's number,
// or what the word says.
type section struct {
	key, title, sql string
	by              by
}

// by says what a section's statement asks for.
type by int

const (
	byMember by = iota
	byOpenIDs
	bySuggestionIndex
	byObject
)

// sections are everything that the tables hold about a person, in the order in which they read it. A test holds them against the schema.
var sections = []section{
	{"places", "所在组织", `SELECT o.name AS 组织, m.joined_on AS 入党日期, m.created_at AS 登记时间 FROM memberships m JOIN orgs o ON o.id = m.org_id WHERE m.member_id = ? ORDER BY m.created_at`, byMember},
	{"roles", "职务与权限", `SELECT COALESCE(o.name, '全部组织') AS 组织, g.role AS 角色, g.created_at AS 授予时间 FROM grants g LEFT JOIN orgs o ON o.id = g.org_id WHERE g.member_id = ? ORDER BY g.created_at`, byMember},
	{"wechat", "微信绑定", `SELECT openid, unionid, official_openid, bound_at AS 绑定时间, last_seen_at AS 最近使用 FROM identities WHERE member_id = ?`, byMember},
	{"follower", "公众号关注", `SELECT openid, unionid, following AS 正在关注, created_at AS 登记时间 FROM official_followers WHERE openid IN ?`, byOpenIDs},
	{"accounts", "管理账号", `SELECT username AS 用户名, created_at AS 创建时间 FROM credentials WHERE member_id = ?`, byMember},
	{"sessions", "登录记录", `SELECT kind AS 方式, device AS 设备, created_at AS 登录时间, last_seen_at AS 最近使用, revoked_at AS 退出时间 FROM sessions WHERE member_id = ? ORDER BY created_at`, byMember},
	{"subscriptions", "订阅余量", `SELECT template_id AS 模板, granted AS 同意次数, available AS 剩余, spent AS 已用 FROM quotas WHERE openid IN ?`, byOpenIDs},
	{"taps", "订阅授权", `SELECT template_id AS 模板, accept AS 同意, client_at AS 客户端时间, event_at AS 微信时间 FROM taps WHERE openid IN ?`, byOpenIDs},
	{"events", "微信事件", `SELECT source AS 来源, name AS 事件, received_at AS 时间 FROM wechat_events WHERE openid IN ?`, byOpenIDs},
	{"reads", "阅读记录", `SELECT a.title AS 文章, r.percent AS 进度百分比, r.read_at AS 时间, r.finished_at AS 读完时间 FROM article_reads r JOIN articles a ON a.id = r.article_id WHERE r.member_id = ? ORDER BY r.read_at`, byMember},
	{"claims", "单位已学", `SELECT a.title AS 文章, c.studied_on AS 日期, c.place AS 地点 FROM article_claims c JOIN articles a ON a.id = c.article_id WHERE c.member_id = ? ORDER BY c.created_at`, byMember},
	{"favorites", "收藏", `SELECT a.title AS 文章, f.created_at AS 时间 FROM article_favorites f JOIN articles a ON a.id = f.article_id WHERE f.member_id = ? ORDER BY f.created_at`, byMember},
	{"likes", "点赞的文章", `SELECT a.title AS 文章, l.created_at AS 时间 FROM article_likes l JOIN articles a ON a.id = l.article_id WHERE l.member_id = ? ORDER BY l.created_at`, byMember},
	{"comments", "评论", `SELECT a.title AS 文章, c.content AS 内容, c.state AS 状态, c.created_at AS 时间 FROM comments c JOIN articles a ON a.id = c.article_id WHERE c.author_id = ? ORDER BY c.created_at`, byMember},
	{"comment_likes", "点赞的评论", `SELECT c.content AS 评论, l.created_at AS 时间 FROM comment_likes l JOIN comments c ON c.id = l.comment_id WHERE l.member_id = ? ORDER BY l.created_at`, byMember},
	{"comment_reports", "举报", `SELECT c.content AS 评论, r.reason AS 理由, r.created_at AS 时间 FROM comment_reports r JOIN comments c ON c.id = r.comment_id WHERE r.member_id = ? ORDER BY r.created_at`, byMember},
	{"suggestions", "意见建议", `SELECT title AS 标题, content AS 内容, state AS 状态, reply AS 答复, rating_stars AS 评价, rating_text AS 评价说明, created_at AS 提交时间 FROM suggestions WHERE author_id = ? ORDER BY created_at`, byMember},
	{"anonymous_suggestions", "匿名的意见建议", `SELECT title AS 标题, content AS 内容, state AS 状态, reply AS 答复, rating_stars AS 评价, rating_text AS 评价说明, created_at AS 提交时间 FROM suggestions WHERE author_index IN ? ORDER BY created_at`, bySuggestionIndex},
	{"suggestion_steps", "办理意见建议的经过", `SELECT s.title AS 标题, p.action AS 步骤, p.note AS 说明, p.at AS 时间 FROM suggestion_steps p JOIN suggestions s ON s.id = p.suggestion_id WHERE p.by_id = ? AND s.anonymous = 0 ORDER BY p.at`, byMember},
	{"meetings", "会议", `SELECT m.topic AS 会议, m.starts_at AS 时间, i.answer AS 答复, i.leave_reason AS 请假理由, i.attendance AS 出席, i.attendance_reason AS 出席说明, i.checked_in_at AS 签到时间 FROM meeting_invitees i JOIN meetings m ON m.id = i.meeting_id WHERE i.member_id = ? ORDER BY m.starts_at`, byMember},
	{"notices", "站内信", `SELECT CASE WHEN d.own_title = '' THEN p.title ELSE d.own_title END AS 标题, COALESCE(d.own_body, p.body) AS 内容, d.created_at AS 时间, d.read_at AS 阅读时间, d.state AS 微信送达 FROM deliveries d JOIN pushes p ON p.id = d.push_id WHERE d.member_id = ? ORDER BY d.created_at`, byMember},
	{"uploads", "上传的文件", `SELECT id AS 编号, name AS 名称, mime AS 类型, size AS 字节, created_at AS 时间 FROM uploads WHERE owner_id = ? ORDER BY created_at`, byMember},
	{"did", "我的操作记录", `SELECT at AS 时间, action AS 操作, object AS 对象 FROM audit_entries WHERE actor_id = ? ORDER BY id`, byMember},
	{"done_to", "针对我的操作记录", `SELECT at AS 时间, action AS 操作 FROM audit_entries WHERE object = ? ORDER BY id`, byObject},
}
