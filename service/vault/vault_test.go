package vault

import (
	"bytes"
	"testing"
)

func TestSealedPhoneOpensOnlyInItsPlace(t *testing.T) {
	v, err := New("0123456789abcdef0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := v.Seal("13800138000", "members/phone/1")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("138")) {
		t.Error("the number can be read in the sealed value")
	}
	if got, err := v.Open(sealed, v.KeyID(), "members/phone/1"); err != nil || got != "13800138000" {
		t.Errorf("open: %q %v", got, err)
	}
	if _, err := v.Open(sealed, v.KeyID(), "members/phone/2"); err == nil {
		t.Error("opened in another row")
	}
	if _, err := v.Open(sealed[:5], v.KeyID(), "members/phone/1"); err == nil {
		t.Error("opened although cut short")
	}
	other, err := New("another secret key of enough length")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open(sealed, v.KeyID(), "members/phone/1"); err == nil {
		t.Error("opened with another key")
	}
	if again, err := New("0123456789abcdef0123456789abcdef"); err != nil || again.Index("13800138000") != v.Index("13800138000") || v.Index("13800138000") == other.Index("13800138000") {
		t.Error("the index must depend on phone and key alone")
	}
	if !v.Check("a", v.Sign("a")) || v.Check("b", v.Sign("a")) || other.Check("a", v.Sign("a")) {
		t.Error("a signature holds for its text and key alone")
	}
}
