package model

import "testing"

type fuzzKeys struct {
	At int64
	ID string
}

func TestCursorOpensOnlyForItsOwnList(t *testing.T) {
	want := fuzzKeys{At: 1795000000123, ID: "01a2"}
	c := Cursor("feed", want)
	var got fuzzKeys
	if ok, err := ReadCursor(c, "feed", &got); err != nil || !ok || got != want {
		t.Fatalf("read back %+v %v %v", got, ok, err)
	}
	for name, bad := range map[string]string{"of another list": Cursor("audit", want), "cut short": c[:len(c)-3], "no cursor": "x", "of other keys": Cursor("feed", []int{1})} {
		if ok, err := ReadCursor(bad, "feed", &fuzzKeys{}); ok || CodeOf(err) != CodeInvalid {
			t.Errorf("a cursor %s: %v %v", name, ok, err)
		}
	}
	if ok, err := ReadCursor("", "feed", &got); ok || err != nil {
		t.Errorf("no cursor is the first page: %v %v", ok, err)
	}
}

// FuzzReadCursor: whatever a client sends is read as it was packed, or refused as a fault of the field; it never panics.
func FuzzReadCursor(f *testing.F) {
	for _, s := range []string{"", "x", Cursor("feed", fuzzKeys{1, "a"}), Cursor("feed", nil), Cursor("audit", 7), "eyJsIjoiZmVlZCIsImsiOm51bGx9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var keys fuzzKeys
		ok, err := ReadCursor(s, "feed", &keys)
		switch {
		case err != nil && (ok || CodeOf(err) != CodeInvalid):
			t.Errorf("%q: %v %v", s, ok, err)
		case err == nil && ok != (s != ""):
			t.Errorf("%q was taken for no cursor", s)
		case ok:
			var again fuzzKeys
			if ok, err := ReadCursor(Cursor("feed", keys), "feed", &again); err != nil || !ok || again != keys {
				t.Errorf("%q does not survive packing: %+v %+v", s, keys, again)
			}
		}
	})
}
