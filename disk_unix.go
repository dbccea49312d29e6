//go:build linux || darwin

package main

import "syscall"

// freeSpace is how many bytes a folder's disk has left for us; it is false where that cannot be told.
func freeSpace(dir string) (uint64, bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil || s.Bsize <= 0 {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}
