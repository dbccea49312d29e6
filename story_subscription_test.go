package main

import "testing"

// In the society of the demonstration people are asked for what the weeks to come need, and for nothing of which enough is left.
func TestDemoAsksForWhatComes(t *testing.T) {
	p, wx := demonstration(t, nil)
	for _, openID := range []string{"oDEMO0000000000000sec_cardio", "oDEMO00000000000000000member"} {
		token := demoSignIn(t, p, wx, openID)
		quotas := p.must(200, "GET", "/subscriptions", token, nil).list("quotas")
		short := map[string]bool{}
		for _, q := range quotas {
			if q.number("needed") < 1 {
				t.Errorf("%s needs nothing of %v", openID, q)
			}
			short[q.text("template_id")] = q.number("remaining") < q.number("needed")
		}
		ids, _ := p.must(200, "GET", "/subscriptions/prompts?scene=meeting", token, nil).at("template_ids").([]any)
		missing := 0
		for _, is := range short {
			if is {
				missing++
			}
		}
		if len(quotas) == 0 || len(ids) != min(missing, 3) {
			t.Errorf("%s is asked for %v of %v", openID, ids, quotas)
		}
		for _, id := range ids {
			if !short[id.(string)] {
				t.Errorf("%s is asked for %v, of which enough is left", openID, id)
			}
		}
	}
}
