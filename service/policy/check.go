package policy

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"zhibu/model"
	"zhibu/model/store"
)

// Field is a place in a request or an answer, such as items[].org.name.
type Field struct {
	Path     string
	Required bool
}

// Route is one route as the reference describes it.
type Route struct {
	Method, Path string
	Query        []Field
	Request      []Field
	Response     []Field
}

// Answer is what a route really answered.
type Answer struct {
	Path string // with its parameters filled
	Body any    // decoded JSON
}

// Evidence is all that the principles are held against.
type Evidence struct {
	Columns []store.Column
	Routes  []Route
	Answers []Answer
	Tree    []string // the organisations in the order of the tree
}

// Finding is one principle, held against what was looked at.
type Finding struct {
	Key, Principle string
	OK             bool
	Evidence       string
	Where          []string // where it is broken
}

// SelfCheck holds the principles against the live database, the routes and real answers. Errors: forbidden.
func (s *Service) SelfCheck(ctx context.Context, actor *model.Actor, routes []Route, answers []Answer) ([]Finding, error) {
	if !actor.HasAnywhere(model.RoleStaff) {
		return nil, model.Forbidden("制度自查供党办工作人员使用。")
	}
	columns, err := s.store.Columns(ctx)
	if err != nil {
		return nil, err
	}
	orgs, err := s.store.Orgs(ctx)
	if err != nil {
		return nil, err
	}
	e := Evidence{Columns: columns, Routes: routes, Answers: answers}
	for _, o := range model.TreeOrder(orgs) {
		e.Tree = append(e.Tree, o.ID)
	}
	return Inspect(e), nil
}

// Inspect holds every principle against the evidence. Evidence of which there is none breaks the check: what was not looked at is not fine.
func Inspect(e Evidence) []Finding {
	seen := fmt.Sprintf("查看了数据库 %d 列、接口 %d 个、实际答复 %d 份", len(e.Columns), len(e.Routes), len(e.Answers))
	var out []Finding
	for _, p := range principles() {
		where := p.breaks(&e)
		if len(e.Columns) == 0 || len(e.Routes) == 0 || len(e.Answers) == 0 {
			where = append(where, "没有可供查看的数据库列、接口或答复")
		}
		slices.Sort(where)
		f := Finding{Key: p.key, Principle: p.words, Where: slices.Compact(where), Evidence: seen + "；" + p.looked}
		f.OK = len(f.Where) == 0
		out = append(out, f)
	}
	return out
}

type principle struct {
	key, words, looked string
	breaks             func(e *Evidence) []string
}

func principles() []principle {
	return []principle{
		{"no_dwell_time", "不记录停留时长和在线时长", "逐一核对列名、请求与答复的字段名", func(e *Evidence) []string {
			return append(named(e, dwellWords, nil), perPersonTimes(e)...)
		}},
		{"no_ranking", "不对个人和支部积分、排名", "逐一核对列名、字段名、地址与查询参数，并核对督导总览按组织顺序排列", func(e *Evidence) []string {
			return slices.Concat(named(e, rankWords, rankExempt), sortable(e), outOfTree(e))
		}},
		{"five_or_more", "少于五人的数字不予显示", "逐一核对各项阅读、学习、参与人数的实际答复", smallNumbers},
		{"no_reader_lists", "不出示谁读过什么", "核对答复的结构与实际答复：人名与阅读情况不出现在同一处，本人的记录除外", readers},
		{"no_photo_or_position", "不要求拍照，不要求定位", "逐一核对必填字段与列名", photos},
		{"no_repeated_field", "系统已知的不再要求填写", "逐一核对已登录成员的必填字段", repeated},
		{"home_stays_home", "不收身份证号、党费、处分和考试信息", "逐一核对列名与请求字段名", func(e *Evidence) []string { return named(e, homeWords, nil) }},
	}
}

var (
	dwellWords = words("dwell", "stay", "stayed", "lingered", "duration", "durations", "elapsed", "online_time", "time_spent", "stay_time", "seconds_read", "read_seconds", "watch_time")
	rankWords  = words("rank", "ranks", "ranking", "rankings", "ranked", "leaderboard", "score", "scores", "points", "credit", "credits", "medal", "medals", "streak", "badge")
	homeWords  = words("id_card", "idcard", "identity_card", "identity_number", "citizen_id", "dues", "exam", "exams", "disciplinary", "punishment")
	photoWords = words("photo", "photos", "selfie", "face", "picture", "pictures", "location", "latitude", "longitude", "gps", "coordinate", "coordinates", "geolocation")
	placeWords = words("latitude", "longitude", "gps", "geo", "geolocation", "coordinate", "coordinates", "lat", "lng")
	readWords  = words("read_at", "percent", "read_percent", "finished_at", "studied_on", "studied_at", "claimed", "has_read", "viewed_at", "opened_at", "progress")
	manyWords  = words("read", "readers", "reads", "unread", "claimed", "studied", "finished", "audience", "participants", "learners", "voters")
	timeWords  = words("second", "seconds", "minute", "minutes", "ms", "millis")
	knownWords = words("name", "phone", "mobile", "employer", "party_status", "member_id", "gender", "birthday", "branch_name", "org_name")

	rankExempt = words("key_points") // the points of a text
)

func words(list ...string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, w := range list {
		m[w] = true
	}
	return m
}

var breakHere = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// has reports whether a name holds one of the words, as itself or between underscores.
func has(name string, list map[string]bool) bool {
	name = "_" + strings.ToLower(breakHere.ReplaceAllString(strings.ReplaceAll(name, "-", "_"), "${1}_$2")) + "_"
	for w := range list {
		if strings.Contains(name, "_"+w+"_") {
			return true
		}
	}
	return false
}

func leaf(path string) string {
	path = strings.TrimSuffix(path, "[]")
	return path[strings.LastIndex(path, ".")+1:]
}

func parent(path string) string { return path[:max(0, strings.LastIndex(path, "."))] }

// named finds the words in all names there are: columns, fields, parameters, addresses, and the keys of real answers.
func named(e *Evidence, list, exempt map[string]bool) []string {
	var out []string
	bad := func(name string) bool { return has(name, list) && !exempt[name] }
	for _, c := range e.Columns {
		if bad(c.Name) || bad(c.Table) {
			out = append(out, "数据库 "+c.Table+"."+c.Name)
		}
	}
	for _, r := range e.Routes {
		for _, part := range strings.Split(r.Path, "/") {
			if bad(strings.Trim(part, "{}")) {
				out = append(out, r.Method+" "+r.Path)
			}
		}
		for _, f := range slices.Concat(r.Query, r.Request, r.Response) {
			if bad(leaf(f.Path)) {
				out = append(out, r.Method+" "+r.Path+" 的 "+f.Path)
			}
		}
	}
	for _, a := range e.Answers {
		each(a.Body, func(at string, m map[string]any) {
			for k := range m {
				if bad(k) {
					out = append(out, a.Path+" 答复中的 "+join(at, k))
				}
			}
		})
	}
	return out
}

// each visits all objects of decoded JSON.
func each(v any, visit func(at string, m map[string]any)) { eachAt("", v, visit) }

func eachAt(at string, v any, visit func(string, map[string]any)) {
	switch x := v.(type) {
	case map[string]any:
		visit(at, x)
		for k, y := range x {
			eachAt(join(at, k), y, visit)
		}
	case []any:
		for _, y := range x {
			eachAt(at+"[]", y, visit)
		}
	}
}

// perPersonTimes: a table of persons and articles holds no length of time.
func perPersonTimes(e *Evidence) []string {
	tables := map[string][]string{}
	for _, c := range e.Columns {
		tables[c.Table] = append(tables[c.Table], c.Name)
	}
	var out []string
	for table, columns := range tables {
		if !slices.Contains(columns, "member_id") || !slices.Contains(columns, "article_id") {
			continue
		}
		for _, c := range columns {
			if has(c, timeWords) {
				out = append(out, "数据库 "+table+"."+c)
			}
		}
	}
	return out
}

// sortable: nothing but the search of texts can be sorted by the one who asks.
func sortable(e *Evidence) []string {
	var out []string
	for _, r := range e.Routes {
		for _, f := range r.Query {
			if slices.Contains([]string{"sort", "sort_by", "order", "order_by", "top", "orderby"}, f.Path) && !strings.HasSuffix(r.Path, "/search") {
				out = append(out, r.Method+" "+r.Path+" 的查询参数 "+f.Path)
			}
		}
	}
	return out
}

// outOfTree: the overview stands in the order of the tree, whatever the figures.
func outOfTree(e *Evidence) []string {
	var out []string
	for _, a := range e.Answers {
		body, _ := a.Body.(map[string]any)
		items, _ := body["items"].([]any)
		last := -1
		for _, i := range items {
			item, _ := i.(map[string]any)
			org, _ := item["org"].(map[string]any)
			id, _ := org["id"].(string)
			if _, figures := item["owed"]; !figures || id == "" {
				continue
			}
			at := slices.Index(e.Tree, id)
			if at < last {
				out = append(out, a.Path+" 没有按组织顺序排列")
			}
			last = max(last, at)
		}
	}
	return out
}

// smallNumbers: a figure about people is five or more, nought, or withheld. One's own figures are one's own.
func smallNumbers(e *Evidence) []string {
	var out []string
	for _, a := range e.Answers {
		if strings.HasPrefix(a.Path, "/me") || strings.HasPrefix(a.Path, "/notices") {
			continue
		}
		each(a.Body, func(at string, m map[string]any) {
			for k, v := range m {
				if n, ok := v.(float64); ok && manyWords[k] && n > 0 && n < 5 {
					out = append(out, fmt.Sprintf("%s 答复中的 %s 为 %v", a.Path, join(at, k), n))
				}
			}
		})
	}
	return out
}

// ownReading are the routes that tell the caller of the caller's own reading.
func ownReading(path string) bool {
	return strings.HasPrefix(path, "/me") || strings.HasPrefix(path, "/feed") || strings.HasPrefix(path, "/notices") || strings.HasSuffix(path, "/reads") || strings.HasSuffix(path, "/claim")
}

var people = []string{"member", "member_id", "member_name", "person", "reader", "readers", "viewer", "user", "user_id"}

// readers: in no object of an answer stand a person and what that person read.
func readers(e *Evidence) []string {
	var out []string
	for _, r := range e.Routes {
		if has(strings.ReplaceAll(r.Path, "/", "_"), words("readers", "viewers", "read_by")) {
			out = append(out, r.Method+" "+r.Path)
		}
		if ownReading(r.Path) {
			continue
		}
		objects := map[string][]string{}
		for _, f := range r.Response {
			objects[parent(f.Path)] = append(objects[parent(f.Path)], leaf(f.Path))
		}
		for at, names := range objects {
			if personAndReading(names) {
				out = append(out, r.Method+" "+r.Path+" 的 "+at)
			}
		}
	}
	for _, a := range e.Answers {
		if ownReading(a.Path) {
			continue
		}
		each(a.Body, func(at string, m map[string]any) {
			var names []string
			for k := range m {
				names = append(names, k)
			}
			if personAndReading(names) || slices.Contains(names, "readers") && isList(m["readers"]) {
				out = append(out, a.Path+" 答复中的 "+at)
			}
		})
	}
	return out
}

func isList(v any) bool {
	_, ok := v.([]any)
	return ok
}

func personAndReading(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(people, n) }) && slices.ContainsFunc(names, func(n string) bool { return readWords[n] })
}

// photos: nobody has to hand in a picture or a position, and no position is kept at all.
func photos(e *Evidence) []string {
	var out []string
	for _, c := range e.Columns {
		if has(c.Name, placeWords) {
			out = append(out, "数据库 "+c.Table+"."+c.Name)
		}
	}
	for _, r := range e.Routes {
		for _, f := range slices.Concat(r.Query, r.Request) {
			if has(leaf(f.Path), placeWords) || f.Required && has(leaf(f.Path), photoWords) {
				out = append(out, r.Method+" "+r.Path+" 的 "+f.Path)
			}
		}
	}
	return out
}

// firstTelling are the routes by which somebody becomes known: there, and only there, a person's own data is asked for; an account is offered to somebody else.
var firstTelling = regexp.MustCompile(`^/(auth|orgs|members|invites|accounts)\b`)

// repeated: of who is known nothing is asked that is known; and what hangs on a thing asks for nothing that the thing tells.
func repeated(e *Evidence) []string {
	known := map[string][]string{} // what GET /things/{id} answers
	for _, r := range e.Routes {
		if r.Method == "GET" && strings.Count(r.Path, "/") == 2 && strings.HasSuffix(r.Path, "/{id}") {
			for _, f := range r.Response {
				known[r.Path] = append(known[r.Path], f.Path)
			}
		}
	}
	var out []string
	for _, r := range e.Routes {
		if r.Method == "GET" || r.Method == "DELETE" {
			continue
		}
		thing, _, nested := strings.Cut(r.Path, "/{id}/")
		for _, f := range r.Request {
			if !f.Required || strings.Contains(f.Path, "[]") {
				continue
			}
			again := nested && slices.Contains([]string{"topic", "place", "starts_at", "ends_at", "meeting_id", "article_id"}, f.Path) && slices.Contains(known[thing+"/{id}"], f.Path)
			if again && !strings.HasSuffix(r.Path, "/reschedule") || selfKnown(r, f) {
				out = append(out, r.Method+" "+r.Path+" 的必填项 "+f.Path)
			}
		}
	}
	return out
}

// selfKnown: a name is asked of a new thing, such as a reminder's; of a person only where people become known.
func selfKnown(r Route, f Field) bool {
	name := leaf(f.Path)
	if firstTelling.MatchString(r.Path) || !knownWords[name] || parent(f.Path) != "" {
		return false
	}
	return name != "name" || strings.Contains(r.Path, "/{id}/")
}
