package standin

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The vectors published by WeChat for Token AAAAA, EncodingAESKey 43 times A, appid wxba5fad812f8e6fb9.
const (
	vectorApp     = "wxba5fad812f8e6fb9"
	vectorEncrypt = "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
	vectorReply   = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
)

// unseal is the receiver's side of seal, written from the published rule.
func unseal(t *testing.T, encrypted string) (random, msg []byte, appid string) {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(testKey + "=")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil || len(raw)%16 != 0 {
		t.Fatal(err, len(raw))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCBCDecrypter(block, key[:16]).CryptBlocks(raw, raw)
	pad := int(raw[len(raw)-1])
	if pad < 1 || pad > 32 {
		t.Fatalf("padding %d", pad)
	}
	raw = raw[:len(raw)-pad]
	n := int(binary.BigEndian.Uint32(raw[16:20]))
	return raw[:16], raw[20 : 20+n], string(raw[20+n:])
}

func TestOfficialVectors(t *testing.T) {
	for name, c := range map[string]struct {
		parts []string
		want  string
	}{
		"echo":          {[]string{"AAAAA", "1714036504", "1514711492"}, "f464b24fc39322e44b38aa78f5edd27bd1441696"},
		"plain":         {[]string{"AAAAA", "1714037059", "486452656"}, "899cf89e464efb63f54ddac96b0a0a235f53aa78"},
		"signature":     {[]string{"AAAAA", "1714112445", "415670741"}, "6c5c811b55cc85e0e1b54100749188c20beb3f5d"},
		"msg_signature": {[]string{"AAAAA", "1714112445", "415670741", vectorEncrypt}, "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"},
		"reply":         {[]string{"AAAAA", "1713424427", "415670741", vectorReply}, "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"},
	} {
		if got := sign(c.parts...); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	random, msg, appid := unseal(t, vectorEncrypt)
	if appid != vectorApp || len(msg) != 167 || !strings.Contains(string(msg), `"debug_str":"hello world"`) {
		t.Errorf("%s %d %s", appid, len(msg), msg)
	}
	key, _ := base64.StdEncoding.DecodeString(testKey + "=")
	if again, err := seal(key, random, msg, appid); err != nil || again != vectorEncrypt {
		t.Errorf("sealed again it differs: %v %s", err, again)
	}
}

// receiver is a callback URL that keeps what it gets and answers as it is told.
type receiver struct {
	*httptest.Server
	got    chan delivery
	status chan int // the next answers; empty is 200, 0 is silence
}

type delivery struct {
	query url.Values
	ctype string
	body  string
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{got: make(chan delivery, 100), status: make(chan int, 100)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		raw, _ := io.ReadAll(req.Body)
		r.got <- delivery{req.URL.Query(), req.Header.Get("Content-Type"), string(raw)}
		select {
		case status := <-r.status:
			if status == 0 {
				<-req.Context().Done()
				return
			}
			w.WriteHeader(status)
		default:
			_, _ = w.Write([]byte("success"))
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (w *world) next(r *receiver) delivery {
	w.t.Helper()
	select {
	case d := <-r.got:
		return d
	case <-w.ctx.Done():
		w.t.Fatal("nothing was pushed")
	}
	return delivery{}
}

// calling points the first mini-program at r in a mode and format.
func (w *world) calling(r *receiver, mode, format string) {
	w.t.Helper()
	err := w.AddApp(App{AppID: mini, Secret: miniSecret, Kind: Mini, OriginalID: "gh_test", Token: "AAAAA", AESKey: testKey, Published: true,
		Templates: templates(), CallbackURL: r.URL + "/wechat/callback?keep=1", CallbackMode: mode, CallbackFormat: format})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) popup(answers map[string]string) {
	w.t.Helper()
	if _, err := w.Popup(alice, answers); err != nil {
		w.t.Fatal(err)
	}
}

func TestPushInEachModeAndFormat(t *testing.T) {
	for _, mode := range []string{ModePlain, ModeCompat, ModeSafe} {
		for _, format := range []string{FormatJSON, FormatXML} {
			t.Run(mode+" "+format, func(t *testing.T) {
				w := openWorld(t)
				w.t = t
				r := newReceiver(t)
				w.calling(r, mode, format)
				w.popup(map[string]string{meeting: Accept})
				d := w.next(r)
				q := d.query
				if q.Get("keep") != "1" || q.Get("signature") != sign("AAAAA", q.Get("timestamp"), q.Get("nonce")) || q.Get("timestamp") != strconv.FormatInt(w.hands.clock().Unix(), 10) {
					t.Errorf("%v", q)
				}
				plain := d.body
				if mode != ModePlain {
					encrypted := findEncrypt(t, format, d.body)
					if q.Get("encrypt_type") != "aes" || q.Get("openid") != alice || q.Get("msg_signature") != sign("AAAAA", q.Get("timestamp"), q.Get("nonce"), encrypted) {
						t.Errorf("%v", q)
					}
					_, msg, appid := unseal(t, encrypted)
					if appid != mini {
						t.Error(appid)
					}
					plain = string(msg)
				} else if q.Get("msg_signature") != "" || q.Get("encrypt_type") != "" {
					t.Errorf("%v", q)
				}
				for _, part := range []string{"subscribe_msg_popup_event", meeting, "accept"} {
					if !strings.Contains(plain, part) {
						t.Errorf("%s misses %s", plain, part)
					}
					if strings.Contains(d.body, part) == (mode == ModeSafe) {
						t.Errorf("%s in %s mode: %s", part, mode, d.body)
					}
				}
				if (format == FormatXML) != (d.ctype == "text/xml") {
					t.Error(d.ctype)
				}
				if format == FormatXML && !strings.Contains(plain, "<SubscribeMsgPopupEvent><List><TemplateId><![CDATA["+meeting) {
					t.Error(plain)
				}
			})
		}
	}
}

func findEncrypt(t *testing.T, format, raw string) string {
	t.Helper()
	var in struct {
		Encrypt    string
		ToUserName string
	}
	err := json.Unmarshal([]byte(raw), &in)
	if format == FormatXML {
		err = xml.Unmarshal([]byte(raw), &in)
	}
	if err != nil || in.Encrypt == "" || in.ToUserName != "gh_test" {
		t.Fatalf("%v %s", err, raw)
	}
	return in.Encrypt
}

func TestEventShapes(t *testing.T) {
	w := openWorld(t)
	w.popup(map[string]string{meeting: Accept})
	w.popup(map[string]string{meeting: Accept, study: Reject})
	sent := w.send(alice, nil)
	if err := w.Change(alice, meeting); err != nil {
		t.Fatal(err)
	}
	w.SetQuirks(Quirks{StringCreateTime: true, NumericMsgID: true, SpacedOpenID: true})
	w.popup(map[string]string{meeting: Accept})
	again := w.send(alice, nil)
	w.Authorisation(EventRevoke, mini, alice, "8")
	var got []body
	for _, e := range w.Events(mini) {
		if e.State != PushNoCallback {
			t.Errorf("%+v", e)
		}
		got = append(got, decodeBody(t, []byte(e.Body)))
	}
	if len(got) != 7 {
		t.Fatal(len(got))
	}
	one, isObject := got[0]["List"].(map[string]any)
	if !isObject || one["PopupScene"] != "0" || one["SubscribeStatusString"] != "accept" || got[0].number("CreateTime") == 0 || got[0].text("MsgType") != "event" || got[0].text("FromUserName") != alice {
		t.Errorf("one item is an object: %v", got[0])
	}
	if two, isArray := got[1]["List"].([]any); !isArray || len(two) != 2 {
		t.Errorf("two items are an array: %v", got[1])
	}
	done, _ := got[2]["List"].(map[string]any)
	if got[2].text("Event") != "subscribe_msg_sent_event" || done["MsgID"] != decimal(sent.number("msgid")) || done["ErrorCode"] != "0" || done["ErrorStatus"] != "success" {
		t.Errorf("%v", got[2])
	}
	if change, _ := got[3]["List"].(map[string]any); got[3].text("Event") != "subscribe_msg_change_event" || change["SubscribeStatusString"] != "reject" {
		t.Errorf("%v", got[3])
	}
	if got[4].text("CreateTime") == "" {
		t.Errorf("CreateTime as a string: %v", got[4])
	}
	if list, _ := got[5]["List"].(map[string]any); body(list).number("MsgID") != again.number("msgid") {
		t.Errorf("MsgID as a number: %v", got[5])
	}
	if got[6].text(" OpenID") != alice || got[6].text("RevokeInfo") != "8" || got[6].text("AppID") != mini || got[6].text("FromUserName") == alice {
		t.Errorf("%v", got[6])
	}
	w.SetQuirks(Quirks{})
	w.Authorisation(EventCancelled, mini, alice, "")
	if e := w.Events(mini); decodeBody(t, []byte(e[7].Body)).text("OpenID") != alice {
		t.Errorf("%v", e[7].Body)
	}
}

func TestXMLEscapesAndWrongWrapper(t *testing.T) {
	raw := xmlOf([]field{{"A", "x]]>y<z"}, {"N", int64(5)}, {"List", list{"W", [][]field{{{"K", "1"}}, {{"K", "2"}}}}}})
	var in struct {
		A string
		N int64
		W struct{ List []struct{ K string } }
	}
	if err := xml.Unmarshal(raw, &in); err != nil || in.A != "x]]>y<z" || in.N != 5 || len(in.W.List) != 2 || in.W.List[1].K != "2" {
		t.Errorf("%v %s", err, raw)
	}
	w := openWorld(t)
	r := newReceiver(t)
	w.calling(r, ModePlain, FormatXML)
	w.SetQuirks(Quirks{ChangeWithPopupTag: true})
	if err := w.Change(alice, meeting, study); err != nil {
		t.Fatal(err)
	}
	if d := w.next(r); !strings.Contains(d.body, "<SubscribeMsgPopupEvent><List>") || strings.Count(d.body, "<List>") != 2 {
		t.Error(d.body)
	}
}

func TestRedeliveryUpToThreeTimes(t *testing.T) {
	w := openWorld(t)
	r := newReceiver(t)
	w.calling(r, ModeSafe, FormatJSON)
	for range 4 {
		r.status <- 0
	}
	w.popup(map[string]string{meeting: Accept})
	first := w.next(r)
	for range 3 {
		if err := w.timers.WaitPending(w.ctx, 5*time.Second); err != nil {
			t.Fatal(err)
		}
		w.timers.Advance(5*time.Second - time.Millisecond)
		select {
		case <-r.got:
			t.Fatal("delivered again before five seconds")
		default:
		}
		w.timers.Advance(time.Millisecond)
		if d := w.next(r); d.body != first.body || d.query.Encode() != first.query.Encode() {
			t.Error("a redelivery has the same body")
		}
	}
	w.timers.Advance(5 * time.Second)
	if err := w.WaitPushes(w.ctx, mini); err != nil {
		t.Fatal(err)
	}
	if e := w.Events(mini)[0]; e.State != PushGivenUp || e.Attempts != 4 {
		t.Errorf("%+v", e)
	}
}

func TestRedeliveryAfterAnErrorAnswer(t *testing.T) {
	w := openWorld(t)
	w.SetQuirks(Quirks{FreshNonceOnRetry: true})
	r := newReceiver(t)
	w.calling(r, ModeSafe, FormatJSON)
	r.status <- 500
	w.popup(map[string]string{meeting: Accept})
	first := w.next(r)
	if err := w.WaitFor(w.ctx, func() bool { return w.Events(mini)[0].Status == 500 }); err != nil {
		t.Fatal(err)
	}
	if err := w.timers.WaitPending(w.ctx, 5*time.Second); err != nil {
		t.Fatal(err)
	}
	w.timers.Advance(5 * time.Second)
	second := w.next(r)
	if second.body != first.body || second.query.Get("nonce") == first.query.Get("nonce") {
		t.Error("signed anew with the same body")
	}
	if err := w.WaitPushes(w.ctx, ""); err != nil {
		t.Fatal(err)
	}
	if e := w.Events(mini)[0]; e.State != PushDelivered || e.Attempts != 2 {
		t.Errorf("%+v", e)
	}
}

func TestPushKnobs(t *testing.T) {
	w := openWorld(t)
	r := newReceiver(t)
	w.calling(r, ModeSafe, FormatJSON)
	push := func(k PushKnobs) delivery {
		t.Helper()
		w.SetPush(mini, k)
		w.popup(map[string]string{meeting: Accept})
		return w.next(r)
	}
	good := func(d delivery) bool {
		q := d.query
		return q.Get("msg_signature") == sign("AAAAA", q.Get("timestamp"), q.Get("nonce"), findEncrypt(t, FormatJSON, d.body))
	}
	if !good(push(PushKnobs{})) {
		t.Error("healthy")
	}
	bad := push(PushKnobs{BadSignature: true})
	if good(bad) || bad.query.Get("signature") != sign("AAAAA", bad.query.Get("timestamp"), bad.query.Get("nonce")) {
		t.Error("msg_signature is wrong, signature stays right")
	}
	foreign := push(PushKnobs{WrongAppID: true})
	if _, _, appid := unseal(t, findEncrypt(t, FormatJSON, foreign.body)); appid == mini || !good(foreign) {
		t.Error("another appid inside, well signed")
	}
	naked := push(PushKnobs{PlainBody: true})
	if !strings.Contains(naked.body, "subscribe_msg_popup_event") || naked.query.Get("encrypt_type") != "" {
		t.Error("plaintext in safe mode")
	}
	old := push(PushKnobs{Age: time.Hour})
	if old.query.Get("timestamp") != strconv.FormatInt(w.hands.clock().Add(-time.Hour).Unix(), 10) || !good(old) {
		t.Error("an old timestamp, well signed")
	}
	twice := push(PushKnobs{Copies: 2})
	if w.next(r).body != twice.body {
		t.Error("a duplicate has the same body")
	}
	w.SetPush(mini, PushKnobs{Silent: true})
	w.popup(map[string]string{meeting: Accept})
	w.SetPush(mini, PushKnobs{Reverse: true})
	w.PausePush(mini)
	w.popup(map[string]string{meeting: Accept})
	w.popup(map[string]string{study: Accept})
	w.ResumePush(mini)
	_, first, _ := unseal(t, findEncrypt(t, FormatJSON, w.next(r).body))
	_, second, _ := unseal(t, findEncrypt(t, FormatJSON, w.next(r).body))
	if !strings.Contains(string(first), study) || !strings.Contains(string(second), meeting) {
		t.Error("out of order")
	}
	if err := w.WaitPushes(w.ctx, mini); err != nil {
		t.Fatal(err)
	}
	if e := w.Events(mini); e[6].State != PushDropped {
		t.Errorf("%+v", e)
	}
}

func TestVerifyCallback(t *testing.T) {
	w := openWorld(t)
	echo := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.Method == "GET" && q.Get("signature") == sign("AAAAA", q.Get("timestamp"), q.Get("nonce")) {
			_, _ = io.WriteString(out, q.Get("echostr"))
		}
	}))
	defer echo.Close()
	w.SetCallback(mini, echo.URL)
	if err := w.VerifyCallback(w.ctx, mini); err != nil {
		t.Error(err)
	}
	w.SetPush(mini, PushKnobs{BadSignature: true})
	if err := w.VerifyCallback(w.ctx, mini); err == nil {
		t.Error("no echo, no proof")
	}
	if err := w.VerifyCallback(context.Background(), official); err == nil {
		t.Error("no callback URL")
	}
}
