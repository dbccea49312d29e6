// Package standin answers as Tencent Meeting's REST API does, for tests: it checks signatures, refuses repetitions, and keeps rooms.
package standin

import (
	"crypto/hmac"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"zhibu/service/tencent"
)

// Server is the stand-in; it is an http.Handler.
type Server struct {
	AppID, SDKID, SecretID, SecretKey, UserID string
	Now                                       func() time.Time

	mu    sync.Mutex
	rooms map[string]*Room
	seen  map[string]bool
	down  int // the status of every answer; 0 when well
	calls int
}

// Room is a room as the service keeps it.
type Room struct {
	ID, Code, Subject string
	Start, End        int64
	Cancelled         bool
}

// Break makes every answer this status from now on; 0 mends it.
func (s *Server) Break(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = status
}

// Rooms are those made so far, in the order of their making.
func (s *Server) Rooms() []Room {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Room
	for i := range len(s.rooms) {
		out = append(out, *s.rooms[roomID(i+1)])
	}
	return out
}

// Calls is how many requests came.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

func roomID(n int) string { return strconv.Itoa(7_000_000_000 + n) }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		refuse(w, http.StatusBadRequest, 500, "body")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.down != 0 {
		w.WriteHeader(s.down)
		_, _ = io.WriteString(w, "<html>bad gateway</html>")
		return
	}
	if why := s.signed(r, body); why != "" {
		refuse(w, http.StatusBadRequest, 200003, why)
		return
	}
	var in struct {
		UserID   string `json:"userid"`
		Instance int    `json:"instanceid"`
		Subject  string `json:"subject"`
		Start    string `json:"start_time"`
		End      string `json:"end_time"`
		Reason   int    `json:"reason_code"`
	}
	if json.Unmarshal(body, &in) != nil || in.UserID != s.UserID || in.Instance == 0 {
		refuse(w, http.StatusBadRequest, 190004, "参数非法")
		return
	}
	start, _ := strconv.ParseInt(in.Start, 10, 64)
	end, _ := strconv.ParseInt(in.End, 10, 64)
	path := strings.TrimPrefix(r.URL.Path, "/v1/meetings")
	id, cancel := strings.CutSuffix(strings.TrimPrefix(path, "/"), "/cancel")
	room := s.rooms[id]
	switch {
	case r.Method == http.MethodPost && path == "":
		if in.Subject == "" || start < s.Now().Unix() || end <= start {
			refuse(w, http.StatusBadRequest, 190004, "参数非法")
			return
		}
		n := len(s.rooms) + 1
		room = &Room{ID: roomID(n), Code: fmt.Sprintf("860215%03d", n), Subject: in.Subject, Start: start, End: end}
		if s.rooms == nil {
			s.rooms = map[string]*Room{}
		}
		s.rooms[room.ID] = room
		s.tell(w, room)
	case room == nil || room.Cancelled:
		refuse(w, http.StatusBadRequest, 9002, "会议不存在")
	case r.Method == http.MethodPost && cancel:
		room.Cancelled = true
		_, _ = io.WriteString(w, "{}")
	case r.Method == http.MethodPut:
		room.Subject, room.Start, room.End = in.Subject, start, end
		s.tell(w, room)
	default:
		refuse(w, http.StatusNotFound, 404, "not found")
	}
}

func (s *Server) tell(w http.ResponseWriter, r *Room) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"meeting_number": 1, "meeting_info_list": []map[string]any{{
		"subject": r.Subject, "meeting_id": r.ID, "meeting_code": r.Code, "type": 0, "join_url": "https://meeting.tencent.com/dm/" + r.ID,
		"start_time": strconv.FormatInt(r.Start, 10), "end_time": strconv.FormatInt(r.End, 10),
	}}})
}

// signed says what is wrong with a request's headers, "" when nothing is.
func (s *Server) signed(r *http.Request, body []byte) string {
	h := r.Header
	at, err := strconv.ParseInt(h.Get("X-TC-Timestamp"), 10, 64)
	nonce := h.Get("X-TC-Nonce")
	want := tencent.Signature(s.SecretID, s.SecretKey, r.Method, nonce, h.Get("X-TC-Timestamp"), r.URL.RequestURI(), body)
	switch {
	case h.Get("AppId") != s.AppID || h.Get("SdkId") != s.SDKID || h.Get("X-TC-Key") != s.SecretID || h.Get("Content-Type") != "application/json":
		return "header"
	case err != nil || s.Now().Unix()-at > 300 || at-s.Now().Unix() > 300:
		return "timestamp expired"
	case nonce == "" || s.seen[nonce]:
		return "replayed"
	case !hmac.Equal([]byte(want), []byte(h.Get("X-TC-Signature"))):
		return "signature failed"
	}
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	s.seen[nonce] = true
	return ""
}

func refuse(w http.ResponseWriter, status, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error_info": map[string]any{"error_code": code, "message": message}})
}
