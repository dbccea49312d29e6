// Package lockbox encrypts a stream under a key from the settings, so that a backup may lie where others can read it. It is AES-256-GCM over pieces
// of 64 KiB that are numbered and of which the last is marked: a piece that is changed, missing, moved or cut off is noticed, and nothing of it
// comes out. The form is that of STREAM, as age and others have it; the key is stretched by argon2id, in case somebody chose a sentence.
package lockbox

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/argon2"
)

// The faults of a locked stream, as the person at the terminal should read them.
var (
	ErrKey     = errors.New("密钥不正确：这份文件是用另一个密钥加密的")
	ErrCut     = errors.New("文件不完整：结尾缺失，请重新取得这份文件")
	ErrDamaged = errors.New("文件已损坏或被改动，不能使用")
	ErrNotOurs = errors.New("这不是加密的备份文件")
)

const (
	magic     = "zhibu-lockbox-1\n"
	tail      = "\nzhibu-end\n" // says that nothing was cut off, which a piece that does not open cannot
	saltSize  = 16
	proofSize = 16
	headSize  = len(magic) + saltSize + proofSize
	piece     = 64 << 10
	tagSize   = 16
	window    = piece + tagSize + len(tail) + 1 // what must be seen to know whether a piece is the last
)

// IsLocked reports whether a stream that begins so is one of ours.
func IsLocked(start []byte) bool { return bytes.HasPrefix(start, []byte(magic)) }

// MagicSize is how many bytes IsLocked needs.
const MagicSize = len(magic)

// keys derives the cipher and a proof by which a wrong key is told from a damaged file.
func keys(key string, salt []byte) (cipher.AEAD, []byte, error) {
	k := argon2.IDKey([]byte(key), salt, 1, 64<<10, 4, 32+proofSize)
	block, err := aes.NewCipher(k[:32])
	if err != nil {
		return nil, nil, err
	}
	aead, err := cipher.NewGCM(block)
	return aead, k[32:], err
}

// numbers are the nonces: eleven bytes of count, one that marks the last piece. A key serves one file only, since each has its own salt.
type numbers struct{ next uint64 }

func (n *numbers) nonce(last bool) []byte {
	out := make([]byte, 12)
	binary.BigEndian.PutUint64(out[3:11], n.next)
	n.next++
	if last {
		out[11] = 1
	}
	return out
}

type writer struct {
	to    io.Writer
	aead  cipher.AEAD
	head  []byte
	count numbers
	wait  []byte
}

// Lock encrypts what is written to it into to. Only Close makes it whole; it does not close to.
func Lock(to io.Writer, key string) (io.WriteCloser, error) {
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return nil, err
	}
	aead, proof, err := keys(key, salt)
	if err != nil {
		return nil, err
	}
	head := append(append([]byte(magic), salt...), proof...)
	if _, err := to.Write(head); err != nil {
		return nil, err
	}
	return &writer{to: to, aead: aead, head: head, wait: make([]byte, 0, piece)}, nil
}

// Write keeps one piece back, since the last is sealed in another way.
func (w *writer) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if len(w.wait) == piece {
			if err := w.seal(false); err != nil {
				return n - len(p), err
			}
		}
		some := min(piece-len(w.wait), len(p))
		w.wait = append(w.wait, p[:some]...)
		p = p[some:]
	}
	return n, nil
}

// Close seals the last piece.
func (w *writer) Close() error {
	if err := w.seal(true); err != nil {
		return err
	}
	_, err := io.WriteString(w.to, tail)
	return err
}

func (w *writer) seal(last bool) error {
	_, err := w.to.Write(w.aead.Seal(nil, w.count.nonce(last), w.wait, w.head))
	w.wait = w.wait[:0]
	return err
}

type reader struct {
	from  *bufio.Reader
	aead  cipher.AEAD
	head  []byte
	count numbers
	plain []byte
	err   error // sticks: after the end or a fault nothing comes any more
}

// Unlock reads what Lock wrote. The faults are ErrKey, ErrCut, ErrDamaged and ErrNotOurs; ErrCut may come after good bytes have been read, so what
// was read counts only once io.EOF was reached.
func Unlock(from io.Reader, key string) (io.Reader, error) {
	head := make([]byte, headSize)
	n, err := io.ReadFull(from, head)
	switch {
	case n < MagicSize || !IsLocked(head):
		return nil, ErrNotOurs
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, ErrCut
	case err != nil:
		return nil, fmt.Errorf("read the head: %w", err)
	}
	aead, proof, err := keys(key, head[len(magic):len(magic)+saltSize])
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(proof, head[len(magic)+saltSize:]) != 1 {
		return nil, ErrKey
	}
	return &reader{from: bufio.NewReaderSize(from, 2*window), aead: aead, head: head}, nil
}

func (r *reader) Read(p []byte) (int, error) {
	for len(r.plain) == 0 && r.err == nil {
		r.open()
	}
	if len(r.plain) == 0 {
		return 0, r.err
	}
	n := copy(p, r.plain)
	r.plain = r.plain[n:]
	return n, nil
}

// open reads one piece. The last is the one behind which only the tail comes.
func (r *reader) open() {
	seen, err := r.from.Peek(window)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
		return
	}
	last := len(seen) < window
	sealed := seen[:min(len(seen), piece+tagSize)]
	if last {
		var whole bool
		if sealed, whole = bytes.CutSuffix(seen, []byte(tail)); !whole {
			r.err = ErrCut
			return
		}
	}
	if r.plain, err = r.aead.Open(nil, r.count.nonce(last), sealed, r.head); err != nil {
		r.plain, r.err = nil, ErrDamaged
		return
	}
	if last {
		r.err = io.EOF
		return
	}
	_, r.err = r.from.Discard(len(sealed))
}
