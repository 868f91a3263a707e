//go:build unix && !netbsd && !solaris && !illumos && !aix

package disk

import "golang.org/x/sys/unix"

// Free is what an ordinary user may still write on the disk of a folder.
func Free(folder string) (int64, bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true //nolint:unconvert // the types differ by system
}
