// Package web holds the built clients, so that the program needs nothing beside itself.
package web

import (
	"embed"
	"io/fs"
)

// Without all: names that begin with _ would be left out.
//
//go:embed all:console/dist
var console embed.FS

//go:embed all:miniapp/dist
var member embed.FS

// Console is the built web console.
func Console() fs.FS { return within(console, "console/dist") }

// Member is the built client of the members, for browsers.
func Member() fs.FS { return within(member, "miniapp/dist") }

func within(files embed.FS, folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		panic("web: " + err.Error()) // a constant path that is well formed
	}
	return sub
}
