package model

import (
	"hash/fnv"
	"math/bits"
)

// The measure of likeness. First the quick look: 64 bits are made of all the pairs of neighbouring characters in a text (a simhash), so that texts
// that share most of their pairs share most of the bits. They are kept as eight parts, and two texts with a part in common are worth a second
// look: which share of all their pairs they have in common (Jaccard's measure), a number that can be told to who asks why.

// PrintChunks is of how many parts a print is.
const PrintChunks = 8

// fewestPairs is how many pairs a text needs for a print: of a sentence or two everything is alike.
const fewestPairs = 20

// Pairs are the pairs of neighbouring characters in a text, and its other words, each once.
func Pairs(text string) map[string]bool {
	set := map[string]bool{}
	for _, t := range QueryTerms(text) {
		set[t] = true
	}
	return set
}

// Prints are the parts of a text's simhash, each with its place; none for a text that is too short to be compared.
func Prints(text string) []int {
	pairs := Pairs(text)
	if len(pairs) < fewestPairs {
		return nil
	}
	var weight [64]int
	for p := range pairs {
		h := fnv.New64a()
		_, _ = h.Write([]byte(p)) // a hash takes everything
		sum := spread(h.Sum64())
		for i := range weight {
			weight[i] += int(sum>>i&1)*2 - 1
		}
	}
	var hash uint64
	for i, w := range weight {
		if w > 0 {
			hash |= 1 << i
		}
	}
	parts := make([]int, PrintChunks)
	for i := range parts {
		parts[i] = i<<8 | int(hash>>(8*i)&0xff)
	}
	return parts
}

// spread mixes the bits of a hash of a few letters, whose upper ones hardly differ otherwise.
func spread(h uint64) uint64 {
	h ^= bits.RotateLeft64(h, 32)
	h *= 0x9e3779b97f4a7c15
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	return h ^ h>>32
}

// Likeness is the share of pairs that two texts have in common, of all they have: 0 to 1.
func Likeness(a, b map[string]bool) float64 {
	shared := 0
	for p := range a {
		if b[p] {
			shared++
		}
	}
	if all := len(a) + len(b) - shared; all > 0 {
		return float64(shared) / float64(all)
	}
	return 0
}
