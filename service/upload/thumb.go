package upload

import (
	"image"
	"image/color"
	"strconv"

	"zhibu/model"
)

// thumb is a picture in a smaller width.
type thumb struct {
	width int
	bytes []byte
}

// thumbKey is where the smaller picture is kept: beside the whole one.
func thumbKey(u *model.Upload, width int) string { return u.BlobKey + "-w" + strconv.Itoa(width) }

// thumbsOf makes the smaller pictures, the smallest first. Each is made from the next larger, which costs a tenth of going back to the whole one.
// One that would have no fewer bytes than the whole is no gain, as of drawings in few colours.
func thumbsOf(mime string, img image.Image, whole int) ([]thumb, error) {
	var list []thumb
	for i := len(model.ThumbWidths) - 1; i >= 0; i-- {
		width := model.ThumbWidths[i]
		if img.Bounds().Dx() <= width {
			continue
		}
		img = shrunk(img, width)
		b, err := encoded(mime, img)
		if err != nil {
			return nil, err
		}
		if len(b) < whole {
			list = append([]thumb{{width, b}}, list...)
		}
	}
	return list, nil
}

// shrunk makes a picture smaller: each pixel is the mean of those that it stands for.
func shrunk(img image.Image, width int) image.Image {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	height := max(1, (h*width+w/2)/w)
	dst := image.NewRGBA(image.Rect(0, 0, width, height))
	at := pixels(img)
	for y := range height {
		top, bottom := span(y, height, h)
		for x := range width {
			left, right := span(x, width, w)
			dst.SetRGBA(x, y, mean(at, b.Min.X+left, b.Min.Y+top, b.Min.X+right, b.Min.Y+bottom))
		}
	}
	return dst
}

// span is which of many pixels the i-th of few stands for; at least one.
func span(i, few, many int) (from, to int) {
	from = i * many / few
	return from, max(from+1, (i+1)*many/few)
}

func mean(at func(x, y int) color.RGBA, left, top, right, bottom int) color.RGBA {
	var r, g, b, a, n uint64
	for y := top; y < bottom; y++ {
		for x := left; x < right; x++ {
			c := at(x, y)
			r, g, b, a, n = r+uint64(c.R), g+uint64(c.G), b+uint64(c.B), a+uint64(c.A), n+1
		}
	}
	return color.RGBA{uint8((r + n/2) / n), uint8((g + n/2) / n), uint8((b + n/2) / n), uint8((a + n/2) / n)}
}
