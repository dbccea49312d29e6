package standin

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1" // WeChat's signatures are SHA-1
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"sort"
	"strings"
)

// padBlock is WeChat's PKCS#7 block: 32 bytes, not the cipher's 16.
const padBlock = 32

// sign is WeChat's signature: the hexadecimal SHA-1 of the sorted parts. `signature` takes token, timestamp and
// nonce; `msg_signature` takes the encrypted text as well.
func sign(parts ...string) string {
	sorted := append([]string(nil), parts...)
	sort.Strings(sorted)
	sum := sha1.Sum([]byte(strings.Join(sorted, "")))
	return hex.EncodeToString(sum[:])
}

// seal encrypts a message for an app: random(16) + length(4, big endian) + message + appid, AES-256-CBC, base64.
func seal(key, random, msg []byte, appid string) (string, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	var plain bytes.Buffer
	plain.Write(random)
	plain.Write(binary.BigEndian.AppendUint32(nil, uint32(len(msg))))
	plain.Write(msg)
	plain.WriteString(appid)
	pad := padBlock - plain.Len()%padBlock
	plain.Write(bytes.Repeat([]byte{byte(pad)}, pad))
	out := make([]byte, plain.Len())
	cipher.NewCBCEncrypter(block, key[:aes.BlockSize]).CryptBlocks(out, plain.Bytes())
	return base64.StdEncoding.EncodeToString(out), nil
}
