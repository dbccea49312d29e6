package upload

import (
	"archive/zip"
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"zhibu/model"
)

// samples are files of every kind that may come in, and some that may not.
func samples(t interface{ Fatal(...any) }) [][]byte {
	img := image.NewNRGBA(image.Rect(0, 0, 9, 5))
	img.Set(3, 2, color.NRGBA{200, 10, 10, 120})
	var j, p, z bytes.Buffer
	if err := jpeg.Encode(&j, img, nil); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&p, img); err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(&z)
	for _, name := range []string{"[Content_Types].xml", "word/document.xml"} {
		part, err := w.Create(name)
		if err == nil {
			_, err = part.Write([]byte("<Types/>"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	noted := append([]byte("\xff\xd8\xff\xe1\x00\x22Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00"), j.Bytes()[2:]...)
	return [][]byte{j.Bytes(), noted, p.Bytes(), z.Bytes(), []byte("%PDF-1.7\n%%EOF"), []byte("GIF89a"), []byte("PK\x05\x06"), {}}
}

// Whatever comes in, its kind is one of those that may, or it is refused; what is called Office begins and ends as a package, and nothing is taken for two things.
func FuzzKind(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		kind, err := kindOf(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			if c := model.CodeOf(err); c != model.CodeMediaType {
				t.Fatalf("refused as %s: %v", c, err)
			}
			return
		}
		if !model.FileAllowed(kind) {
			t.Fatalf("let in as %s", kind)
		}
		if kind == model.MIMEPDF && !bytes.HasPrefix(b, []byte("%PDF-")) {
			t.Fatal("a document that does not begin as one")
		}
		if _, err := zip.NewReader(bytes.NewReader(b), int64(len(b))); err == nil && kind == model.MIMEPDF {
			t.Fatal("a document that is a package too")
		}
	})
}

// Whatever claims to be a picture is opened within bounds or refused as the sender's fault; what is written anew holds no note of a camera and opens again.
func FuzzPicture(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, b []byte, asJPEG bool) {
		mime := model.MIMEPNG
		if asJPEG {
			mime = model.MIMEJPEG
		}
		if c, _, err := image.DecodeConfig(bytes.NewReader(b)); err == nil && c.Width*c.Height > 1<<20 {
			return // large pictures are for the test of bombs
		}
		img, err := opened(mime, bytes.NewReader(b))
		if err != nil {
			if c := model.CodeOf(err); c != model.CodeInvalid {
				t.Fatalf("refused as %s: %v", c, err)
			}
			return
		}
		out, err := encoded(mime, img)
		if err != nil {
			t.Fatal(err)
		}
		if asJPEG && orientation(bytes.NewReader(out)) != 1 {
			t.Fatal("the note of the camera is kept")
		}
		again, err := opened(mime, bytes.NewReader(out))
		if err != nil || again.Bounds().Size() != img.Bounds().Size() {
			t.Fatalf("written anew it is another: %v", err)
		}
		small := shrunk(img, max(1, img.Bounds().Dx()/3))
		if small.Bounds().Dx() < 1 || small.Bounds().Dy() < 1 {
			t.Fatal("shrunk to nothing")
		}
	})
}
