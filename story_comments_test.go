package main

import (
	"strings"
	"testing"
	"time"
)

// TestStoryComments lives a report and the office's switches on two programs that share their data: what one is told, the other does within the second.
func TestStoryComments(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "2026-11-24T19:00:00+08:00", env)
		r := p.found().readership()
		other := p.replica()
		news := r.post(r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "支部联合义诊走进社区", "visibility": "members", "body_markdown": "服务群众三百人次。"})
		comments := "/articles/" + news + "/comments"
		bad := r.must(201, "POST", comments, r.member.token, object{"content": "与主题无关的话"}).text("id")

		// A report goes to the moderators alone; the author never learns whose it was, and who reported learns what came of it.
		other.must(204, "POST", "/comments/"+bad+"/report", r.party.token, object{"reason": "与主题无关"})
		r.refused(409, "conflict", "POST", "/comments/"+bad+"/report", r.party.token, object{"reason": "与主题无关"})
		queue := r.must(200, "GET", "/moderation/comments", r.secretary.token, nil)
		if queue.text("items", 0, "id") != bad || queue.text("items", 0, "reports", 0) != "与主题无关" || strings.Contains(string(queue.raw), "周党员") {
			t.Errorf("the queue: %s", queue.raw)
		}
		other.must(200, "POST", "/comments/"+bad+"/moderate", r.secretary.token, object{"action": "hide", "reason": "请围绕主题"})
		for who, want := range map[string]string{r.member.token: "您的评论已被隐藏", r.party.token: "您举报的评论已处理"} {
			r.eventually("a notice: "+want, 10*time.Second, func() bool {
				all := r.must(200, "GET", "/notices", who, nil)
				if strings.Contains(string(all.raw), "周党员") {
					t.Errorf("a notice names who reported: %s", all.raw)
				}
				return strings.Contains(string(all.raw), want)
			})
		}
		if mine := r.must(200, "GET", "/notices", r.member.token, nil); strings.Contains(string(mine.raw), "举报") {
			t.Errorf("the author learns of the report: %s", mine.raw)
		}

		// The office closes comments, and opens them again.
		said := object{"content": "学习了"}
		r.must(201, "POST", comments, r.member.token, said)
		r.must(200, "PUT", "/settings/comments", r.staff.token, object{"open": false})
		r.refused(403, "forbidden", "POST", comments, r.member.token, said)
		r.eventually("the other program closes them too", 2*time.Second, func() bool { return other.call("POST", comments, r.party.token, said).status == 403 })
		counted := func(p *program, n int) bool {
			feed, article := p.must(200, "GET", "/feed", r.party.token, nil), p.must(200, "GET", "/articles/"+news, r.party.token, nil)
			return feed.number("items", 0, "counts", "comments") == n && article.number("counts", "comments") == n
		}
		r.eventually("closed comments are not counted, here and there", 3*time.Second, func() bool { return counted(r.program, 0) && counted(other, 0) })
		if list := other.must(200, "GET", comments, r.party.token, nil); list.at("open") != false || len(list.list("items")) != 0 {
			t.Errorf("closed comments are shown: %s", list.raw)
		}
		other.must(200, "PUT", "/settings/comments", r.staff.token, object{"open": true, "categories": object{"law": false}})
		r.eventually("the first program opens them again", 2*time.Second, func() bool { return r.call("GET", comments, r.member.token, nil).at("open") == true })
		r.eventually("and counts them again, here and there", 3*time.Second, func() bool { return counted(r.program, 1) && counted(other, 1) })
	})
}
