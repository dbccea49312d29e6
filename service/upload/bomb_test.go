package upload_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"runtime"
	"testing"

	"zhibu/model"
)

// chunk is one part of a PNG.
func chunk(kind string, content []byte) []byte {
	out := append(binary.BigEndian.AppendUint32(nil, uint32(len(content))), kind...)
	out = append(out, content...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// pngSaying is a PNG that only says of what form it is.
func pngSaying(w, h, depth, colour int) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(w)), uint32(h))
	return append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, byte(depth), byte(colour), 0, 0, 0))...)
}

// pngOfNothing is a PNG that holds so many pixels, all black, in a few kilobytes.
func pngOfNothing(t *testing.T, w, h, depth, colour int) []byte {
	samples := map[int]int{0: 1, 2: 3, 4: 2, 6: 4}[colour]
	var body bytes.Buffer
	z := zlib.NewWriter(&body)
	line := make([]byte, 1+w*samples*depth/8)
	for range h {
		if _, err := z.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	out := append(pngSaying(w, h, depth, colour), chunk("IDAT", body.Bytes())...)
	return append(out, chunk("IEND", nil)...)
}

// A file of a few kilobytes must not cost the memory of a house: what says to be too large is refused before a pixel is made.
func TestBombsAreRefusedBeforeTheyGoOff(t *testing.T) {
	h := newHouse(t)
	jpegSaying := func(w, hgt uint16) []byte { // a small photograph that says to be another size
		b := jpegOf(t, quarters(8, 8))
		at := bytes.Index(b, []byte{0xff, 0xc0})
		binary.BigEndian.PutUint16(b[at+5:], hgt)
		binary.BigEndian.PutUint16(b[at+7:], w)
		return b
	}
	for name, content := range map[string][]byte{
		"more pixels than are allowed":            pngSaying(8000, 5001, 8, 0),
		"a line that never ends":                  pngClaiming(1<<31-1, 1),
		"pixels of eight bytes":                   pngSaying(5000, 5000, 16, 6),
		"a photograph that says to be gigantic":   jpegSaying(65535, 65535),
		"a photograph that says to have no lines": jpegSaying(100, 0),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := h.room.Add(h.ctx, chen, "a.png", bytes.NewReader(content))
		runtime.ReadMemStats(&after)
		if model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
		if cost := after.TotalAlloc - before.TotalAlloc; cost > 8<<20 {
			t.Errorf("%s: refusing it cost %d MB", name, cost>>20)
		}
	}
	if h.left(h.files)+h.left(h.spool) != 0 {
		t.Error("something is left")
	}
}

// A picture that is larger than a phone is kept in the widths of phones too.
func TestALargePictureIsKeptInThreeWidths(t *testing.T) {
	h := newHouse(t)
	u := h.add(chen, "大图.png", pngOfNothing(t, 1600, 1200, 8, 0))
	if u.Width != 1600 || u.Height != 1200 || len(u.Thumbs) != 2 || h.left(h.files) != 3 {
		t.Fatalf("%+v, %d files", u, h.left(h.files))
	}
	for asked, want := range map[int]image.Point{0: {1600, 1200}, 100: {240, 180}, 240: {240, 180}, 241: {750, 563}, 750: {750, 563}, 800: {1600, 1200}, -1: {1600, 1200}} {
		c := h.pictureOf(u, asked)
		if c != want {
			t.Errorf("asked for %d: %v, want %v", asked, c, want)
		}
	}
}
