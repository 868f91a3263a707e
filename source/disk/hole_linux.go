package disk

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// holeSlack is how much smaller than its size a file may be on the disk, by compression or by a file system that keeps
// little files elsewhere, before it is asked for holes.
const holeSlack = 1 << 20

// firstHole is where the first hole of a file begins; ok is false where it has none. The place to read from is its
// beginning again.
func firstHole(file *os.File, info fs.FileInfo) (at int64, ok bool) {
	stat, known := info.Sys().(*syscall.Stat_t)
	if !known || stat.Blocks*512 >= info.Size()-holeSlack {
		return 0, false
	}
	at, err := file.Seek(0, unix.SEEK_HOLE)
	if _, serr := file.Seek(0, 0); err != nil || serr != nil {
		return 0, false
	}
	return at, at < info.Size()
}
