package main

// row is one line of the table of permissions: which answer each of the cast gets. One number stands for everybody. The numbers were worked out by
// hand from the contract and the product's rules:
//   - a stranger is unauthenticated, a visitor not bound (checked: the code of that 403), wherever the route is not for everyone;
//   - who holds no role at all is refused at the door of the staff's routes, whatever these name, so that the refusal tells nothing of it;
//   - what may not be seen is not there (404), what may be seen but not done is forbidden (403);
//   - a group's leader leads the group alone, the committee reads and edits but keeps no roster, the neighbours see nothing of branch A.
//
// In call and body <A> is a thing of the realm, and <+draft> a thing made for the call: those who are refused get the same one, and so does the
// first who is not, which shows that the refused have done nothing to it.
type row struct {
	want string
	call string
	body string
	code string // of the answers that are not among the usual ones
}

// The columns are: stra visi laym memb lead comm secr staf admi outs riva.

// Patterns that come again.
const (
	members = "401 403 200 200 200 200 200 200 200 200 200" // everybody who is bound
	gone    = "401 403 204 204 204 204 204 204 204 204 204" // the same, for an answer without a body
	leaders = "401 403 403 403 200 200 200 200 200 403 200" // with a role somewhere
	inA     = "401 403 403 403 403 200 200 200 200 403 404" // the committee of A and those above, over what A's people may see
	keepsA  = "401 403 403 403 403 403 200 200 200 403 404" // the secretary of A and those above
	behindA = "401 403 403 403 404 200 200 200 200 403 404" // the committee of A and those above, over what nobody else may see
	openA   = "401 403 200 200 200 200 200 200 200 404 404" // all of A and those above
)

var permissions = []row{
	// Session
	{"200", "GET /client", "", ""},
	{"200", "POST /auth/wechat", `{"code":"<+code>"}`, ""},
	{"401", "POST /auth/wechat", `{"code":"nobody"}`, "wechat_code_invalid"},
	{"200", "GET /auth/oauth?return_to=/pages/home/index", "", ""},
	{"409", "POST /auth/oauth", `{"code":"nobody","state":"made-up"}`, "oauth_state_invalid"}, // TestStoryOAuth has the browser that keeps the cookie
	{"401 422 422 422 422 422 422 422 403 422 422", "POST /auth/bind", `{"consent_version":"0"}`, "consent_required"},
	{"401 200 409 409 409 409 409 409 403 409 409", "POST /auth/bind", `{"consent_version":"<consent>","invite_code":"<invite>","name":"<+name>"}`, "already_bound"},
	{"200", "POST /auth/refresh", `{"refresh_token":"<+refresh>"}`, ""},
	{"401", "POST /auth/refresh", `{"refresh_token":"nobody"}`, "unauthenticated"},
	{"401 204 204 204 204 204 204 204 204 204 204", "POST /auth/logout", "", ""},
	{"200", "POST /auth/password", `{"username":"office","password":"a long enough password"}`, ""},
	{"401", "POST /auth/password", `{"username":"<+name>","password":"wrong"}`, "unauthenticated"},
	{"200", "POST /auth/factor", `{"challenge":"<+enrolment>","code":"<enrolment_code>"}`, ""},
	{"401", "POST /auth/factor", `{"challenge":"made-up","code":"123456"}`, "unauthenticated"},
	{"201", "POST /auth/console-codes", "", ""},
	{"200", "GET /auth/console-codes/<+console>", "", ""},
	{"401 403 403 403 204 204 204 204 204 403 204", "POST /auth/console-codes/<+console>/approve", "", ""},
	{"200", "GET /consent", "", ""},
	{"401 200 200 200 200 200 200 200 200 200 200", "GET /me", "", ""},
	{members, "GET /me/sessions", "", ""},
	{gone, "DELETE /me/sessions/<+session>", "", ""},
	{members, "PATCH /me", `{"title":"主任医师"}`, ""},

	// Organisation and roster
	{members, "GET /orgs", "", ""},
	{"401 403 403 403 403 403 403 403 201 403 403", "POST /orgs", `{"parent_id":null,"kind":"association","name":"<+name>"}`, ""},
	{"401 403 403 403 403 403 403 201 201 403 403", "POST /orgs", `{"parent_id":"<S>","kind":"branch","name":"<+name>"}`, ""},
	{"401 403 403 403 403 403 201 201 201 403 404", "POST /orgs", `{"parent_id":"<A>","kind":"group","name":"<+name>"}`, ""},
	{"401 403 403 403 403 403 403 200 200 403 404", "PATCH /orgs/<A>", `{"name":"<+name>"}`, ""},
	{"401 403 403 403 403 403 200 200 200 403 404", "PATCH /orgs/<A1>", `{"name":"<+name>"}`, ""},
	{inA, "GET /orgs/<A>/members", "", ""},
	{"401 403 403 403 200 200 200 200 200 403 404", "GET /orgs/<A1>/members", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /orgs/<S>/members", "", ""},
	{"401 403 403 403 403 403 201 201 201 403 404", "POST /orgs/<A>/members", `{"name":"赵六","phone":"<+phone>","party_status":"full"}`, ""},
	{keepsA, "POST /orgs/<A>/members/import?dry_run=true", "file:花名册.csv", ""},
	{keepsA, "GET /orgs/<A>/members/export", "", ""},
	{keepsA, "PUT /orgs/<A>/members/<spare>/roles", `{"roles":["group_leader"]}`, ""},
	{"401 403 403 403 403 403 403 200 200 403 404", "PUT /orgs/<A>/members/<+person>/roles", `{"roles":["staff"]}`, ""},
	{"401 403 403 403 403 403 403 403 200 403 404", "PUT /orgs/<A>/members/<+person>/roles", `{"roles":["admin"]}`, ""},
	{"401 403 403 403 403 403 201 201 201 403 404", "POST /orgs/<A>/invites", "", ""},
	{behindA, "GET /members/<spare>", "", ""},
	{"401 403 403 403 404 403 200 200 200 403 404", "PATCH /members/<spare>", `{"title":"护师"}`, ""},
	{"401 403 403 403 404 403 204 204 204 403 404", "DELETE /members/<+person>", "", ""},
	{"401 403 403 403 404 403 403 200 403 403 404", "POST /members/<spare>/reveal-phone", "", ""}, // of these the staff alone was granted it
	{"401 403 403 403 403 403 403 204 204 403 403", "PUT /orgs/<A>/members/<spare>/phone-right", "", ""},
	{"401 403 403 403 403 403 403 204 204 403 403", "DELETE /orgs/<A>/members/<spare>/phone-right", "", ""},
	{"401 403 403 403 404 403 200 200 200 403 404", "POST /members/<+bound>/unbind", "", ""},

	// Privacy
	{members, "GET /me/export", "", ""},
	{members, "DELETE /me", "", ""},
	{"401 403 422 422 422 422 422 422 422 422 422", "POST /me/consent", `{"version":"0"}`, "consent_required"},
	{"401 403 403 403 403 403 403 200 200 403 403", "POST /members/<+bound>/erase", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /privacy/retention", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /privacy/erasures", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /privacy/notices", "", ""},
	{"401 403 403 403 403 403 403 201 201 403 403", "POST /privacy/notices",
		`{"version":"<+version>","title":"个人信息处理告知书","body":"我们只为开展支部活动处理您的个人信息，您可以随时撤回同意并注销。","holds_from":"2029-01-01T00:00:00+08:00"}`, ""},

	// Audit
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /audit?action=member.add", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /audit/verify", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /audit/anchor", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /audit/export?actor=<secretary>", "", ""},

	// Content: who sees which article
	{"200", "GET /feed", "", ""},
	{members, "GET /feed/marks?ids=<a_members>", "", ""},
	{members, "GET /feed/for-you", "", ""},
	{"200", "GET /articles/<a_public>", "", ""},
	{"404 404 200 200 200 200 200 200 200 404 404", "GET /articles/<a_members>", "", ""},
	{"404 404 404 200 200 200 200 200 200 404 404", "GET /articles/<a_party>", "", ""},
	{"404 404 404 404 404 200 200 200 200 404 404", "GET /articles/<a_committee>", "", ""},
	{"404 404 404 404 404 200 200 200 200 404 404", "GET /articles/<a_draft>", "", ""},
	{"404 404 404 404 404 200 200 200 200 404 404", "GET /articles/<a_scheduled>", "", ""},
	{"404 404 404 404 404 200 200 200 200 404 404", "GET /articles/<a_withdrawn>", "", ""},
	{"404 404 200 200 200 200 200 200 200 200 200", "GET /articles/<s_members>", "", ""},
	{"404 404 404 404 404 200 200 200 200 404 200", "GET /articles/<s_committee>", "", ""},
	{"404 404 404 404 200 200 200 200 200 404 404", "GET /articles/<g_members>", "", ""},
	{"404 404 404 404 200 200 200 200 200 404 404", "GET /articles/<g_draft>", "", ""},
	{"404 404 404 200 200 200 200 200 200 404 404", "GET /articles/<a_party>/text", "", ""},
	{"404 404 404 404 404 200 200 200 200 404 404", "GET /articles/<a_draft>/text", "", ""},

	{"200", "GET /articles/<a_public>/related", "", ""},
	{"404 404 200 200 200 200 200 200 200 404 404", "GET /articles/<a_members>/related", "", ""},

	// Content: editors
	{leaders, "GET /articles", "", ""},
	{inA, "GET /articles?org_id=<A>", "", ""},
	{leaders, "GET /articles/similar?title=关于康复服务的通知", "", ""},
	{"401 403 403 403 403 201 201 201 201 403 404", "POST /articles", `{"org_id":"<A>","category":"news","title":"支部动态","body_markdown":"正文"}`, ""},
	{"401 403 403 403 201 201 201 201 201 403 404", "POST /articles", `{"org_id":"<A1>","category":"news","title":"小组动态","body_markdown":"正文"}`, ""},
	{"401 403 403 403 403 201 201 201 201 403 404", "POST /articles", `{"org_id":"<A1>","category":"theory","title":"理论","body_markdown":"正文"}`, ""},
	{"401 403 403 403 403 403 403 201 201 403 403", "POST /articles", `{"org_id":"<S>","category":"news","title":"学会动态","body_markdown":"正文"}`, ""},
	{behindA, "PATCH /articles/<a_draft>", `{"pinned":false}`, ""},
	{inA, "PATCH /articles/<a_members>", `{"pinned":false}`, ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "PATCH /articles/<s_members>", `{"pinned":false}`, ""},
	{"401 403 403 403 404 204 204 204 204 403 404", "DELETE /articles/<+draft>", "", ""},
	{"401 403 403 403 403 200 200 200 200 403 404", "POST /articles/assess", `{"org_id":"<A>","title":"支部动态","body_markdown":"正文"}`, ""},
	{inA, "GET /articles/<a_members>/revisions", "", ""},
	{inA, "GET /articles/<a_members>/revisions/1/diff", "", ""},
	{behindA, "GET /articles/<a_draft>/revisions/1/diff", "", ""},
	{behindA, "GET /articles/<a_draft>/revisions", "", ""},
	{behindA, "POST /articles/<+draft>/publish", "", ""},
	{inA, "POST /articles/<+published>/withdraw", "", ""},
	{inA, "GET /articles/<a_members>/reach", "", ""},
	{"401 403 403 403 403 204 204 204 204 403 404", "POST /articles/<+published>/remind", "", ""},

	// Passing on is for who edits the own organisation's news, of what they may see.
	{"401 403 403 403 403 201 201 201 201 403 404", "POST /articles/<s_members>/relay", `{"org_id":"<A>","note":"请大家读一读"}`, ""},
	{"401 403 403 403 201 201 201 201 201 403 404", "POST /articles/<s_members>/relay", `{"org_id":"<A1>"}`, ""},
	{"401 403 403 403 404 404 404 409 409 403 404", "POST /articles/<a_members>/relay", `{"org_id":"<B>"}`, "conflict"},
	{"401 403 403 403 403 204 204 204 204 403 404", "DELETE /articles/<s_members>/relay?org_id=<A>", "", ""},

	// Content: readers. One's own mark can always be taken back, also from what is no longer shown, and the answer tells nothing of the article.
	{openA, "POST /articles/<a_members>/reads", `{"percent":50}`, ""},
	{"401 403 404 200 200 200 200 200 200 404 404", "POST /articles/<a_party>/reads", `{"percent":50}`, ""},
	{"401 403 404 404 404 200 200 200 200 404 404", "POST /articles/<a_committee>/reads", `{"percent":50}`, ""},
	{openA, "PUT /articles/<a_members>/claim", `{"studied_on":"2026-11-20"}`, ""},
	{gone, "DELETE /articles/<a_members>/claim", "", ""},
	{openA, "PUT /articles/<a_members>/like", "", ""},
	{gone, "DELETE /articles/<a_members>/like", "", ""},
	{openA, "PUT /articles/<a_members>/favorite", "", ""},
	{"401 403 200 200 200 200 200 200 200 200 200", "PUT /articles/<s_members>/favorite", "", ""},
	{members, "GET /me/favorites", "", ""},
	{gone, "DELETE /articles/<a_members>/favorite", "", ""},
	{members, "GET /me/study", "", ""},
	{members, "GET /me/study.pdf", "", ""},
	{"200", "GET /search?q=康复服务", "", ""},

	// Comments. The account that a command made has agreed to no privacy notice and cannot say anything.
	{"200", "GET /articles/<a_public>/comments", "", ""},
	{"404 404 200 200 200 200 200 200 200 404 404", "GET /articles/<a_members>/comments", "", ""},
	{"404 404 404 404 404 200 200 200 200 404 404", "GET /articles/<a_committee>/comments", "", ""},
	{"401 403 201 201 201 201 201 201 422 404 404", "POST /articles/<a_members>/comments", `{"content":"学习了。"}`, "consent_required"},
	{"401 403 201 201 201 201 201 201 422 201 201", "POST /articles/<a_public>/comments", `{"content":"学习了。"}`, "consent_required"},
	{"401 403 404 404 404 409 409 409 409 404 404", "POST /articles/<a_draft>/comments", `{"content":"学习了。"}`, "conflict"},
	{"401 403 403 204 403 204 204 204 204 404 404", "DELETE /comments/<+comment>", "", ""},
	{"401 403 404 204 404 204 204 204 204 404 404", "DELETE /comments/<+pending>", "", ""},
	{"401 403 204 204 204 204 204 204 204 404 404", "PUT /comments/<c_visible>/like", "", ""},
	{"401 403 204 204 204 204 204 204 204 404 404", "DELETE /comments/<c_visible>/like", "", ""},
	{"401 403 404 409 404 409 409 409 409 404 404", "PUT /comments/<c_pending>/like", "", "conflict"},
	{"401 403 403 403 403 200 200 200 200 403 200", "GET /moderation/comments", "", ""},
	{"401 403 403 403 404 200 200 200 200 403 404", "POST /comments/<+pending>/moderate", `{"action":"approve"}`, ""},
	{inA, "POST /comments/<+comment>/moderate", `{"action":"hide","reason":"与主题无关"}`, ""},
	{"401 403 204 409 204 204 204 204 204 404 404", "POST /comments/<+comment>/report", `{"reason":"与主题无关"}`, "conflict"},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /settings/comments", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "PUT /settings/comments", `{"open":true,"categories":{"news":true}}`, ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /settings/wechat", "", ""},
	{"401 403 403 403 403 403 403 200 409 403 403", "POST /settings/wechat/test", `{"channel":"subscribe","kind":"meeting"}`, "conflict"},

	// Files: for who sees what uses them. A signed address opens them for a page, which sends no token, and not for who says to be somebody else.
	{"401 403 201 201 201 201 201 201 201 201 201", "POST /uploads", "file:合影.png", ""},
	{"401 403 404 200 404 200 200 200 200 404 404", "GET /uploads/<f_private>", "", ""},
	{"401 403 403 403 403 200 200 200 200 403 403", "POST /articles/<a_public>/official-draft", "", ""},
	{"401 403 403 403 403 200 200 200 200 403 403", "GET /articles/<a_public>/official-draft", "", ""},
	{"401 403 403 403 403 409 409 409 409 403 404", "POST /articles/<a_members>/official-draft", "", "conflict"},
	{"401 403 403 403 403 200 200 200 200 403 200", "GET /moderation/files", "", ""},
	{behindA, "POST /uploads/<+file>/moderate", `{"action":"hide","reason":"含有患者隐私"}`, ""},
	{"404 404 200 200 200 200 200 200 200 404 404", "GET //files/<f_attached>/a.png", "", ""},
	{"404 404 404 200 404 404 404 404 404 404 404", "GET //files/<f_private>/a.png", "", ""},
	{"200 404 200 200 200 200 200 200 200 404 404", "GET //<f_attached_signed>", "", ""},
	{"200", "GET //<f_private_signed>", "", ""},
	{"404 404 200 200 200 200 200 200 200 404 404", "HEAD //files/<f_attached>/a.png", "", ""},

	// Suggestions
	{"401 403 201 201 201 201 201 403 403 404 404", "POST /suggestions", `{"to_org_id":"<A>","title":"建议","content":"内容"}`, ""},
	{"401 403 201 201 201 201 201 201 403 201 201", "POST /suggestions", `{"to_org_id":"<S>","title":"建议","content":"内容"}`, ""},
	{members, "GET /suggestions", "", ""},
	{members, "GET /suggestions?box=inbox", "", ""},
	{"401 403 404 200 404 404 200 200 200 404 404", "GET /suggestions/<sg_open>", "", ""},
	{"401 403 404 200 404 404 200 200 200 404 404", "GET /suggestions/<sg_anonymous>", "", ""},
	{"401 403 404 403 404 404 200 200 200 404 404", "POST /suggestions/<+suggestion>/transitions", `{"action":"accept"}`, ""},
	{"401 403 404 200 404 404 403 403 403 404 404", "POST /suggestions/<+replied>/transitions", `{"action":"reopen","text":"尚未解决"}`, ""},
	{"401 403 404 200 404 404 403 403 403 404 404", "POST /suggestions/<+replied>/rating", `{"stars":5}`, ""},
	{"401 403 200 200 200 200 200 403 403 404 404", "POST /suggestions/hints", `{"to_org_id":"<A>","title":"建议","content":"内容"}`, ""},
	{members, "GET /suggestions/published", "", ""},
	{openA, "GET /suggestions/published?org_id=<A>", "", ""},
	{keepsA, "GET /suggestions/figures?org_id=<A>", "", ""},
	{"401 403 403 403 404 404 200 200 200 403 404", "GET /suggestions/<sg_open>/similar", "", ""},
	{"401 403 403 403 404 404 200 200 200 403 404", "POST /suggestions/<+suggestion>/merge", `{"into":"<sg_open>"}`, ""},
	{"401 403 404 403 404 404 200 200 200 404 404", "POST /suggestions/<+replied>/publication", `{"action":"ask"}`, ""},
	{"401 403 404 409 404 404 403 403 403 404 404", "POST /suggestions/<+replied>/publication", `{"action":"refuse"}`, "conflict"},

	// Meetings
	{"401 403 403 403 403 201 201 201 201 403 404", "POST /meetings", meetingOf("A", "branch_assembly"), ""},
	{"401 403 403 403 403 201 201 201 201 403 404", "POST /meetings", meetingOf("A", "committee"), ""},
	{"401 403 403 403 201 201 201 201 201 403 404", "POST /meetings", meetingOf("A1", "group"), ""},
	{"401 403 403 403 403 403 403 201 201 403 403", "POST /meetings", meetingOf("S", "other"), ""},
	{members, "GET /meetings", "", ""},
	{inA, "GET /meetings/slots?org_id=<A>", "", ""},
	{openA, "GET /meetings/<m_next>", "", ""},
	{"401 403 404 404 404 200 200 200 200 404 404", "GET /meetings/<m_committee>", "", ""},
	{"401 403 404 404 200 200 200 200 200 404 404", "GET /meetings/<m_group>", "", ""},
	{openA, "GET /meetings/<m_next>.ics", "", ""},
	{"401 403 404 404 200 200 200 200 200 404 404", "GET /meetings/<m_group>.ics", "", ""},
	{inA, "PATCH /meetings/<m_next>", `{"topic":"改期前的会议"}`, ""},
	{"401 403 403 403 404 200 200 200 200 403 404", "PATCH /meetings/<m_committee>", `{"topic":"支委会议"}`, ""},
	{inA, "POST /meetings/<+meeting>/cancel", `{"reason":"会场有变"}`, ""},
	{"401 403 200 200 200 200 200 403 403 404 404", "PUT /meetings/<m_next>/rsvp", `{"status":"accept"}`, ""},
	{"401 403 404 404 404 200 200 403 403 404 404", "PUT /meetings/<m_committee>/rsvp", `{"status":"accept"}`, ""},
	{"401 403 200 200 200 200 200 403 403 404 404", "POST /meetings/<m_now>/checkin", "", ""},
	{inA, "GET /meetings/<m_code>/checkin-code", "", ""},
	{inA, "GET /meetings/<m_now>/attendance", "", ""},
	{"401 403 403 403 403 201 201 201 201 403 404", "POST /meetings/<m_now>/polls", `{"question":"征求意见","rule":"consultative"}`, ""},
	{openA, "GET /meetings/<m_now>/polls", "", ""},
	{openA, "GET /polls/<poll_open>", "", ""},
	{"401 403 403 403 403 204 204 204 204 403 404", "DELETE /polls/<+poll>", "", ""},
	{inA, "POST /polls/<+poll>/open", "", ""},
	{"401 403 403 200 200 200 200 403 403 404 404", "POST /polls/<+voting>/ballots", `{"choice":"approve"}`, "no_vote"},
	{inA, "POST /polls/<+voting>/close", "", ""},
	{inA, "POST /polls/<+poll>/tally", "{}", ""},
	{"401 403 404 404 404 200 200 200 200 404 404", "GET /meetings/<m_now>/minutes", "", ""},
	{"401 403 404 404 404 200 200 200 200 404 404", "PUT /meetings/<m_now>/minutes", `{"host_id":"<secretary>","recorder_id":"<committee>"}`, ""},
	{"401 403 404 404 404 200 200 403 403 404 404", "POST /meetings/<+minuted>/minutes/sign", "", ""},
	{"401 403 403 403 403 201 201 201 201 404 404", "POST /meetings/<m_locked>/minutes/addenda", `{"text":"补记一句"}`, ""},
	{openA, "GET /meetings/<m_locked>/minutes", "", ""},
	{openA, "GET /meetings/<m_locked>/minutes.docx", "", ""},
	{openA, "GET /meetings/<m_locked>/minutes.pdf", "", ""},
	{openA, "GET /meetings/<m_next>/agenda.docx", "", ""},
	{openA, "GET /meetings/<m_next>/agenda.pdf", "", ""},
	{members, "GET /actions", "", ""},
	{"401 403 404 200 404 200 200 200 200 404 404", "GET /actions/<x_open>", "", ""},
	{"401 403 404 200 404 200 200 200 200 404 404", "POST /actions/<+action>/close", `{"text":"已完成"}`, ""},
	{inA, "PUT /meetings/<m_now>/attendance/<spare>", `{"status":"present","reason":"本人在场"}`, ""},
	{inA, "GET /meetings/templates?org_id=<A>", "", ""},
	{inA, "PUT /meetings/<m_next>/invitees/<layman>", `{"role":"observer","reason":"列席旁听"}`, ""},
	{openA, "GET /meetings/<m_next>/invitation", "", ""},
	{behindA, "GET /meetings/<+series>/series", "", ""},
	{members, "GET /me/busy", "", ""},
	{"401 403 201 201 201 201 201 201 201 201 201", "POST /me/busy", `{"label":"值班","starts_at":"2026-12-01T18:00:00+08:00","ends_at":"2026-12-01T22:00:00+08:00"}`, ""},
	{"401 403 204 204 204 204 204 204 204 204 204", "DELETE /me/busy/<+busy>", "", ""},
	{members, "GET /events", "", ""},
	{"401 403 403 403 403 403 403 201 201 403 403", "POST /events", `{"org_id":"<S>","name":"学术年会","starts_on":"2026-12-18","ends_on":"2026-12-20"}`, ""},
	{members, "GET /events/<event>", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "PATCH /events/<event>", `{"place":"国际会议中心"}`, ""},
	{"401 403 403 403 403 403 403 204 204 403 403", "DELETE /events/<+event>", "", ""},
	{"401", "GET /calendar.ics?token=nobody", "", "unauthenticated"},
	{"200", "GET /calendar.ics?token=<+calendar>", "", ""},
	{"401 403 201 201 201 201 201 201 201 201 201", "POST /me/calendar-token", "", ""},
	{gone, "DELETE /me/calendar-token", "", ""},
	{members, "GET /calendar", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "PUT /calendar/2027", `{"year":2027,"days":[{"name":"元旦","date":"2027-01-01","isOffDay":true}]}`, ""},

	// Pushes. A visitor has a phone that WeChat can ring, and books like everybody who is signed in; a session of the console has none.
	{"401 200 200 200 200 200 200 200 409 200 200", "GET /subscriptions/prompts?scene=meeting", "", "conflict"},
	{"401 200 200 200 200 200 200 200 409 200 200", "GET /subscriptions", "", "conflict"},
	{"401 200 200 200 200 200 200 200 409 200 200", "POST /subscriptions", `{"results":{"<template>":"accept"}}`, "conflict"},
	{members, "GET /notices", "", ""},
	{"401 403 404 204 404 404 404 404 404 404 404", "POST /notices/<notice>/read", "", ""},
	{gone, "POST /notices/read-all", "", ""},
	{"401 403 403 403 403 403 201 201 201 403 404", "POST /pushes", pushTo("A"), ""},
	{"401 403 403 403 201 201 201 201 201 403 404", "POST /pushes", pushTo("A1"), ""},
	{"401 403 403 403 403 403 403 201 201 403 403", "POST /pushes", pushTo("S"), ""},
	{keepsA, "POST /pushes/plan", pushTo("A"), ""},
	{keepsA, "POST /pushes/card", `{"org_id":"<A>","kind":"study","title":"题"}`, ""},
	{leaders, "GET /pushes", "", ""},
	{inA, "GET /pushes/figures?org_id=<A>", "", ""},
	{behindA, "GET /pushes/<p_sent>", "", ""},
	{behindA, "GET /pushes/<p_sent>/events", "", ""},
	{behindA, "GET /pushes/<p_sent>/deliveries", "", ""},
	{behindA, "GET /pushes/<p_sent>/phone-list.xlsx", "", ""},
	{behindA, "GET /members/<spare>/deliveries", "", ""},
	{"401 403 403 403 404 403 200 200 200 403 404", "POST /pushes/<+push>/cancel", "", ""},
	{"401 403 403 403 404 403 409 409 409 403 404", "POST /pushes/<+push>/retry", "", "conflict"},
	{"401 403 403 403 404 403 200 200 200 403 404", "POST /pushes/<+failed>/retry", "", ""},
	{leaders, "GET /reminders", "", ""},
	{"401 403 403 403 403 403 201 201 201 403 404", "POST /reminders", remindOf("A"), ""},
	{"401 403 403 403 201 201 201 201 201 403 404", "POST /reminders", remindOf("A1"), ""},
	{behindA, "GET /reminders/<rem>", "", ""},
	{"401 403 403 403 404 403 200 200 200 403 404", "PATCH /reminders/<rem>", `{"paused":false}`, ""},
	{"401 403 403 403 404 403 204 204 204 403 404", "DELETE /reminders/<+reminder>", "", ""},
	{behindA, "GET /reminders/<rem>/preview", "", ""},
	{behindA, "GET /reminders/<rem>/occurrences", "", ""},
	{"401 403 403 403 403 403 200 200 200 403 404", "POST /reminders/plan", remindOf("A"), ""},
	{"401 403 403 403 200 200 200 200 200 403 404", "POST /reminders/plan", remindOf("A1"), ""},

	// Work record, annual check and hand-over
	{inA, "GET /orgs/<A>/work-record?month=2026-11", "", ""},
	{"401 403 403 403 200 200 200 200 200 403 404", "GET /orgs/<A1>/work-record?quarter=2026-Q4", "", ""},
	{inA, "GET /orgs/<A>/work-record.xlsx?year=2026", "", ""},
	{inA, "GET /orgs/<A>/work-record.docx?month=2026-11", "", ""},
	{keepsA, "PUT /orgs/<A>/work-record/note?month=2026-11", `{"text":"本月围绕基层康复开展工作。"}`, ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /supervision/progress-report?month=2026-11", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /supervision/progress-report.xlsx?month=2026-11", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /supervision/progress-report.docx?month=2026-11", "", ""},
	{inA, "GET /orgs/<A>/annual-check?year=2026", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "PUT /orgs/<S>/annual-check/items/secretary?year=2026", `{"reason":"书记人选正在酝酿"}`, ""},
	{"401 403 403 403 403 403 404 404 404 403 404", "PUT /orgs/<A>/annual-check/items/meeting:nothing?year=2026", `{"reason":"没有这一项"}`, ""},
	{keepsA, "POST /orgs/<A>/annual-check/freeze?year=2026", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /supervision/annual-check?year=2026", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /supervision/annual-check.xlsx?year=2026", "", ""},
	{"401 403 403 403 404 403 201 201 201 403 404", "POST /orgs/<+section>/handovers", `{"to_member_id":"<heir>"}`, ""},
	{keepsA, "GET /orgs/<A>/handovers", "", ""},
	{"401 403 404 404 404 404 200 200 200 404 404", "GET /handovers/<ho>", "", ""},
	{"401 403 404 404 404 404 200 200 200 404 404", "GET /handovers/<ho>/package.xlsx", "", ""},
	{"401 403 404 404 404 404 403 422 422 404 404", "POST /handovers/<ho>/confirm", "{}", "validation_failed"},
	{"401 403 404 404 404 404 403 200 200 404 404", "POST /handovers/<+handover>/confirm", `{"reason":"原书记已调离"}`, ""},
	{"401 403 404 404 404 404 200 200 200 404 404", "POST /handovers/<+handover>/cancel", `{"reason":"另行安排"}`, ""},

	// Policy and supervision
	{members, "GET /policy", "", ""},
	{members, "GET /policy?format=yaml", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /policies", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "PUT /policy?dry_run=true", "version: 二〇二七\nholds_from: 2027-01-01\n", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /policy/self-check", "", ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /supervision/overview?year=2026", "", ""},
	{inA, "GET /orgs/<A>/obligations?year=2026", "", ""},
	{"401 403 403 403 200 200 200 200 200 403 404", "GET /orgs/<A1>/obligations", "", ""},
	{keepsA, "PUT /orgs/<A>/obligations/committee.2026-12", `{"reason":"承担重大医疗保障任务"}`, ""},
	{"401 403 403 403 403 403 403 204 204 403 403", "PUT /orgs/<A>/helper", `{"helper_id":"<B>"}`, ""},

	// Outside the base path
	{"200", "GET //healthz", "", ""},
	{"200", "GET //readyz", "", ""},
	{"200", "GET //openapi.json", "", ""},
	{"200", "GET //docs", "", ""},
	{"200", "GET //docs/page.js", "", ""},
	{"200", "GET //docs/page.css", "", ""},
	{"200", "GET //docs/swagger-ui.js", "", ""},
	{"200", "GET //docs/swagger-ui.css", "", ""},
	{"403", "GET //wechat/callback/miniprogram?signature=x&timestamp=1&nonce=1&echostr=1", "", "forbidden"},
	{"403", "POST //wechat/callback/miniprogram?signature=x&timestamp=1&nonce=1", `{}`, "forbidden"},
	{"503", "GET //wechat/callback/official", "", "unavailable"},
	{"503", "POST //wechat/callback/official", `{}`, "unavailable"},

	// Last, since the administrator, who has agreed to nothing before, may then comment.
	{members, "POST /me/consent", `{"version":"<consent>"}`, ""},

	// Accounts of the console, of which the administrator alone has one here; at the end, since that one is another afterwards.
	{"401 403 200 200 200 200 200 200 200 200 200", "GET /me/account", "", ""},
	{gone, "DELETE /me/sessions", "", ""},
	{"401 403 404 404 404 404 404 404 200 404 404", "POST /me/second-factor", `{"password":"a long enough password"}`, ""},
	{"401 403 401 401 401 401 401 401 200 401 401", "POST /me/second-factor/confirm", `{"challenge":"<+own_enrolment>","code":"<enrolment_code>"}`, ""},
	{"401 403 404 404 404 404 404 404 200 404 404", "POST /me/recovery-codes", `{"password":"a long enough password"}`, ""},
	{"401 403 404 404 404 404 404 404 204 404 404", "PUT /me/password", `{"old":"a long enough password","new":"yet another good password"}`, ""},
	{"401 403 403 403 403 403 403 200 200 403 403", "GET /accounts", "", ""},
	{"401 403 403 403 403 403 403 403 201 403 403", "POST /accounts", `{"member_id":"<secretary>"}`, ""},
	{"401 403 403 403 403 403 403 403 204 403 403", "POST /accounts/<+guarded>/reset-factor", `{"reason":"换了手机，已当面核实"}`, ""},
	{"401 403 403 403 403 403 403 403 204 403 403", "DELETE /accounts/<+account>", "", ""},
	{"200", "POST /auth/setup/look", `{"code":"<+setup>"}`, ""},
	{"200", "POST /auth/setup", `{"code":"<+setup>","username":"<+name>","password":"a long enough password"}`, ""},
	{"404", "POST /auth/setup", `{"code":"nobody","username":"<+name>","password":"a long enough password"}`, "not_found"},
}

func meetingOf(org, kind string) string {
	return `{"org_id":"<` + org + `>","type":"` + kind + `","topic":"会议","starts_at":"2026-12-01T19:30:00+08:00","ends_at":"2026-12-01T20:30:00+08:00","mode":"onsite","place":"会议室"}`
}

func pushTo(org string) string {
	return `{"org_id":"<` + org + `>","kind":"announcement","title":"通知","audience":{},"send_at":"2026-12-10T20:00:00+08:00"}`
}

func remindOf(org string) string {
	return `{"org_id":"<` + org + `>","name":"每周学习","rule":"FREQ=WEEKLY;BYDAY=TU","at":"20:00"}`
}

// sight is one line of who finds what in a list: y where the thing named is in it.
type sight struct {
	want string
	call string
	show string
}

// The feed is of the own organisations up to the root alone, what is public of a neighbour is found by searching; a comment that waits is shown below
// its article to its author alone, and to the moderators in their queue.
var sights = []sight{
	{"- - y y y y y y y n n", "GET /orgs", "<A>"},
	{"- - n n n n n y y y y", "GET /orgs", "<B>"},
	{"- - y y y y y y y y y", "GET /orgs", "<S>"},
	{"y y y y y y y n n n n", "GET /feed?limit=100", "<a_public>"},
	{"n n y y y y y n n n n", "GET /feed?limit=100", "<a_members>"},
	{"n n n y y y y n n n n", "GET /feed?limit=100", "<a_party>"},
	{"n n n n n y y n n n n", "GET /feed?limit=100", "<a_committee>"},
	{"n n n n n n n n n n n", "GET /feed?limit=100", "<a_draft>"},
	{"n n n n n n n n n n n", "GET /feed?limit=100", "<a_scheduled>"},
	{"n n n n n n n n n n n", "GET /feed?limit=100", "<a_withdrawn>"},
	{"n n y y y y y y y y y", "GET /feed?limit=100", "<s_members>"},
	{"n n n n n y y y y n y", "GET /feed?limit=100", "<s_committee>"},
	{"n n n n y n n n n n n", "GET /feed?limit=100", "<g_members>"},
	{"- - - - n y y y y - n", "GET /articles?limit=100&status=draft", "<a_draft>"},
	{"- - - - y y y y y - n", "GET /articles?limit=100&status=draft", "<g_draft>"},
	{"- - - - n y y y y - n", "GET /articles/similar?doc_no=学发〔2026〕9号", "<a_draft>"},
	{"y y y y y y y y y y y", "GET /search?limit=100&q=<title:a_public>", "<a_public>"},
	{"n n y y y y y y y n n", "GET /search?limit=100&q=<title:a_members>", "<a_members>"},
	{"n n n y y y y y y n n", "GET /search?limit=100&q=<title:a_party>", "<a_party>"},
	{"n n n n n n n n n n n", "GET /search?limit=100&q=<title:a_draft>", "<a_draft>"},
	{"n n n n n n n n n n n", "GET /search?limit=100&q=<title:a_withdrawn>", "<a_withdrawn>"},
	{"- - y y y y y y y - -", "GET /articles/<a_members>/comments?limit=100", "<c_visible>"},
	{"- - n y n n n n n - -", "GET /articles/<a_central>/comments?limit=100", "<c_pending>"},
	{"- - - - - y y y y - n", "GET /moderation/comments?limit=100", "<c_pending>"},
	{"- - n y n n n n n n n", "GET /suggestions?limit=100", "<sg_open>"},
	{"- - n y n n n n n n n", "GET /suggestions?limit=100", "<sg_anonymous>"},
	{"- - n n n n y y y n n", "GET /suggestions?box=inbox&limit=100", "<sg_open>"},
	{"- - - n - - n n n - -", "GET /suggestions/<sg_anonymous>", "<member>"},
	{"- - - n - - n n n - -", "GET /suggestions/<sg_anonymous>", "人member"},
	{"- - y y y y y y y n n", "GET /meetings?limit=100", "<m_next>"},
	{"- - n n n y y y y n n", "GET /meetings?limit=100", "<m_committee>"},
	{"- - n y n y y y y n n", "GET /actions?limit=100", "<x_open>"},
	{"- - n y n n n n n n n", "GET /actions?limit=100&mine=true", "<x_open>"},
	{"- - n n y y y y y n n", "GET /meetings?limit=100", "<m_group>"},
	{"- - y y y y y n n n n", "GET /meetings?limit=100&mine=true", "<m_next>"},
	{"- - n y n n n n n n n", "GET /notices", "<notice>"},
	{"- - - - n y y y y - n", "GET /pushes?limit=100", "<p_sent>"},
	{"- - - - n y y y y - n", "GET /reminders?limit=100", "<rem>"},
	{"- - - - - y y y y - -", "GET /orgs/<A>/members?limit=100", "<layman>"},
	{"- - - - n n n n n - -", "GET /orgs/<A1>/members?limit=100", "<layman>"},
}
