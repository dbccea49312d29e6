//go:build race

package main

// underRace tells that the race detector is on, which makes everything some five times slower.
const underRace = true
