package config

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Secret is the installation's key: from SECRET_KEY, else from SECRET_KEY_FILE, else made on the first start and kept in the data directory.
// It signs tokens and encrypts phone numbers; without it they cannot be read again.
func (c Config) Secret() (string, error) {
	if c.SecretKey != "" {
		return c.SecretKey, nil
	}
	if c.SecretKeyFile != "" {
		return readSecret(c.SecretKeyFile)
	}
	path := filepath.Join(c.DataDir, "secret.key")
	key, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return "", fmt.Errorf("make the data directory: %w", err)
	}
	// The key is written whole under another name first: of two programs starting at once, both end up with the same one.
	fresh, err := os.CreateTemp(c.DataDir, "secret-*.tmp")
	if err != nil {
		return "", fmt.Errorf("keep the secret key: %w", err)
	}
	defer func() { _ = os.Remove(fresh.Name()) }()
	if _, err := fresh.WriteString(base64.StdEncoding.EncodeToString(raw) + "\n"); err != nil {
		return "", fmt.Errorf("keep the secret key: %w", err)
	}
	if err := errors.Join(fresh.Sync(), fresh.Close()); err != nil {
		return "", fmt.Errorf("keep the secret key: %w", err)
	}
	if err := os.Link(fresh.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("keep the secret key: %w", err)
	}
	return readSecret(path)
}

func readSecret(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the secret key: %w", err)
	}
	key := strings.TrimSpace(string(b))
	if len(key) < 32 {
		return "", fmt.Errorf("the secret key in %s must have at least 32 characters", path)
	}
	return key, nil
}
