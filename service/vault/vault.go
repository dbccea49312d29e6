// Package vault seals what must not be readable in a stolen database, and makes the keyed digests by which it is still found.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"zhibu/model"
)

// Vault holds keys derived from the installation's secret, one for each use.
type Vault struct {
	seal  cipher.AEAD
	index []byte
	sign  []byte
	audit []byte
	keyID string
}

// New derives the keys from the secret.
func New(secret string) (*Vault, error) {
	derive := func(use string) ([]byte, error) {
		return hkdf.Key(sha256.New, []byte(secret), nil, "zhibu/"+use+"/1", 32)
	}
	sealKey, err := derive("seal")
	if err != nil {
		return nil, err
	}
	index, err := derive("phone-index")
	if err != nil {
		return nil, err
	}
	sign, err := derive("sign")
	if err != nil {
		return nil, err
	}
	audit, err := derive("audit")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(sealKey)
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	id := sha256.Sum256(append([]byte("zhibu/key-id/"), sealKey...))
	return &Vault{seal: seal, index: index, sign: sign, audit: audit, keyID: hex.EncodeToString(id[:4])}, nil
}

// KeyID names the key that Seal uses; it stands beside each sealed value.
func (v *Vault) KeyID() string { return v.keyID }

// Seal encrypts text for one place: table, column and row, so that a value moved to another row does not open.
func (v *Vault) Seal(text, place string) ([]byte, error) {
	nonce := make([]byte, v.seal.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return v.seal.Seal(nonce, nonce, []byte(text), []byte(place)), nil
}

// Open decrypts what Seal made for the same place with the key of that id.
func (v *Vault) Open(sealed []byte, keyID, place string) (string, error) {
	if keyID != v.keyID {
		return "", fmt.Errorf("sealed with the key %s, but the secret key set is %s", keyID, v.keyID)
	}
	n := v.seal.NonceSize()
	if len(sealed) < n {
		return "", errors.New("the sealed value is cut short")
	}
	text, err := v.seal.Open(nil, sealed[:n], sealed[n:], []byte(place))
	if err != nil {
		return "", errors.New("the sealed value does not open in this place")
	}
	return string(text), nil
}

// AuditKey makes the digests of the audit.
func (v *Vault) AuditKey() model.AuditKey {
	return model.AuditKey{ID: v.keyID, Sign: func(text []byte) []byte {
		m := hmac.New(sha256.New, v.audit)
		m.Write(text)
		return m.Sum(nil)
	}}
}

// Index is the blind index of a normalised phone number.
func (v *Vault) Index(phone string) string { return digest(v.index, phone) }

// Sign is a signature over text, such as a file's address and its end.
func (v *Vault) Sign(text string) string { return digest(v.sign, text)[:32] }

// Check reports whether signature was made by Sign for text.
func (v *Vault) Check(text, signature string) bool {
	return hmac.Equal([]byte(v.Sign(text)), []byte(signature))
}

func digest(key []byte, text string) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}
