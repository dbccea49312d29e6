package lockbox_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"zhibu/service/lockbox"
)

const key = "a key of the backups that is long enough"

func lock(t *testing.T, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := lockbox.Lock(&out, key)
	if err != nil {
		t.Fatal(err)
	}
	for len(plain) > 0 { // in pieces of odd sizes, as archives write
		n := min(len(plain), 1+rand.IntN(100_000))
		if _, err := w.Write(plain[:n]); err != nil {
			t.Fatal(err)
		}
		plain = plain[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func unlock(locked []byte, key string) ([]byte, error) {
	r, err := lockbox.Unlock(bytes.NewReader(locked), key)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func some(n int) []byte {
	b := make([]byte, n)
	rng := rand.NewChaCha8([32]byte{byte(n)})
	_, _ = rng.Read(b)
	return b
}

func TestWhatIsLockedComesOutAgain(t *testing.T) {
	const piece = 64 << 10
	for _, n := range []int{0, 1, piece - 12, piece - 1, piece, piece + 1, 3 * piece, 5*piece + 17} {
		plain := some(n)
		locked := lock(t, plain)
		if got, err := unlock(locked, key); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: %d came out, %v", n, len(got), err)
		}
		if n > 64 && bytes.Contains(locked, plain[:64]) {
			t.Errorf("%d bytes can be read in the locked file", n)
		}
	}
	if bytes.Equal(lock(t, some(100)), lock(t, some(100))) {
		t.Error("the same bytes are locked in the same way twice")
	}
}

func TestFaultsAreToldApart(t *testing.T) {
	const piece = 64<<10 + 16
	locked := lock(t, some(3*64<<10+100))
	head := len(locked) - 3*piece - 116 - len("\nzhibu-end\n")
	changed := func(at int) []byte {
		b := bytes.Clone(locked)
		b[at] ^= 1
		return b
	}
	swapped := bytes.Clone(locked)
	copy(swapped[head:], locked[head+piece:head+2*piece])
	copy(swapped[head+piece:], locked[head:head+piece])
	for _, c := range []struct {
		what string
		data []byte
		key  string
		want error
	}{
		{"another key", locked, key + "x", lockbox.ErrKey},
		{"no file of ours", some(1000), key, lockbox.ErrNotOurs},
		{"an empty file", nil, key, lockbox.ErrNotOurs},
		{"cut in the head", locked[:head-1], key, lockbox.ErrCut},
		{"cut behind the head", locked[:head], key, lockbox.ErrCut},
		{"cut between pieces", locked[:head+2*piece], key, lockbox.ErrCut},
		{"cut inside a piece", locked[:head+2*piece+1000], key, lockbox.ErrCut},
		{"cut inside the last", locked[:len(locked)-1], key, lockbox.ErrCut},
		{"something behind it", append(bytes.Clone(locked), 7), key, lockbox.ErrCut},
		{"a changed bit", changed(head + piece + 5), key, lockbox.ErrDamaged},
		{"a changed bit in the last", changed(len(locked) - 30), key, lockbox.ErrDamaged},
		{"a piece left out", append(bytes.Clone(locked[:head+piece]), locked[head+2*piece:]...), key, lockbox.ErrDamaged},
		{"the end sewn on too early", append(bytes.Clone(locked[:head+2*piece]), "\nzhibu-end\n"...), key, lockbox.ErrDamaged},
		{"a changed salt", changed(17), key, lockbox.ErrKey},
		{"pieces in another order", swapped, key, lockbox.ErrDamaged},
	} {
		got, err := unlock(c.data, c.key)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
		if c.want == lockbox.ErrKey && len(got) > 0 {
			t.Errorf("%s: %d bytes came out", c.what, len(got))
		}
	}
}
