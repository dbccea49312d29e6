//go:build race

package push

// raceOn says that the race detector watches, under which everything takes ten times as long.
const raceOn = true
