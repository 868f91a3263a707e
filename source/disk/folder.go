package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trailsift/trailsift/source/internal/newest"
)

// limits bound what a walk holds and how far it looks ahead. Tests make them small.
type limits struct {
	// names of one folder are held at a time; a larger folder is read several times, each time for the next ones in
	// order. 192 Ki names of log files take some 25 MB; a folder of 10^6 is then read six times, 0.6 s each.
	names int
	// mtimes are asked for in folders of at most so many entries, where names tell no time: 10 ms.
	mtimes int
	// undated folders are opened before anything else as long as fewer than this were: 100 ms.
	undated int
}

var defaultLimits = limits{names: 192 << 10, mtimes: 4 << 10, undated: 8 << 10}

const (
	atFirst int64 = 1<<63 - 1 // may hold anything: look into it first
	atLast  int64 = -1 << 63  // nothing is known, and it is too much to look into first
)

type entryKind uint8

const (
	kindFile entryKind = iota
	kindFolder
	kindLink
	kindSpecial
)

// An entry is one name of a folder: 32 bytes and the name.
type entry struct {
	name string
	at   int64 // Unix seconds no log file in it is newer than, as far as names tell
	kind entryKind
}

// older orders entries: the newest first, then by descending name.
func older(a, b entry) int {
	switch {
	case a.at != b.at && a.at > b.at:
		return -1
	case a.at != b.at:
		return 1
	}
	return strings.Compare(b.name, a.name)
}

// A folder is one that was opened by the walk: its entries not yet visited, in order.
type folder struct {
	key     string // path below the root by the names walked, "" for the root; ends in "/" otherwise
	path    string // where it is
	target  string // path with links resolved; only set in trees that lie outside the root
	at      int64  // what its own name tells, atFirst where nothing
	seq     int    // order of opening
	entries []entry
	// more is true where entries did not all fit; last is then the last one taken.
	more bool
	last entry
}

// read takes the next entries in order. An error may come with entries: what could be read.
func (f *folder) read(lim limits) error {
	dir, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	after, partial := f.last, f.more
	f.more = false
	f.entries = nil
	for {
		batch, err := dir.ReadDir(1024)
		for _, d := range batch {
			e := entry{name: d.Name(), kind: kindOfEntry(d.Type())}
			e.at = f.entryAt(e)
			if partial && older(e, after) <= 0 || f.more && older(e, f.last) > 0 {
				continue
			}
			f.entries = append(f.entries, e)
		}
		if len(f.entries) > lim.names+lim.names/2 {
			f.trim(lim.names)
		}
		if err != nil || len(batch) == 0 {
			f.finish(lim, partial)
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			return nil
		}
	}
}

// trim keeps the first n entries in order; last is the last of them.
func (f *folder) trim(n int) {
	slices.SortFunc(f.entries, older)
	clear(f.entries[n:])
	f.entries = f.entries[:n]
	f.more = true
	f.last = f.entries[n-1]
}

func (f *folder) finish(lim limits, partial bool) {
	whole := !f.more && !partial
	if len(f.entries) > lim.names {
		f.trim(lim.names)
		whole = false
	}
	if whole && len(f.entries) <= lim.mtimes {
		f.askTimes()
	}
	slices.SortFunc(f.entries, older)
	if n := len(f.entries); n > 0 {
		f.last = f.entries[n-1]
	}
}

// askTimes puts the modification time where names and folders tell nothing.
func (f *folder) askTimes() {
	for i := range f.entries {
		e := &f.entries[i]
		if e.kind != kindFile || e.at != atLast {
			continue
		}
		if info, err := os.Lstat(filepath.Join(f.path, e.name)); err == nil {
			e.at = info.ModTime().Unix()
		}
	}
}

// entryAt tells from names how new an entry may be: the time in a file's name, the day in a folder's path, else what
// the folder it lies in says.
func (f *folder) entryAt(e entry) int64 {
	if t, ok := newest.NameTime(e.name); ok {
		return t.Unix()
	}
	if e.kind != kindFile {
		if _, to, ok := newest.FolderSpan(f.key + e.name); ok {
			return to.Unix()
		}
		return f.at
	}
	if f.at == atFirst {
		return atLast
	}
	return f.at
}

// next takes the first entry; ok is false when there is none left.
func (f *folder) next() (e entry, ok bool) {
	if len(f.entries) == 0 {
		return entry{}, false
	}
	e = f.entries[0]
	f.entries = f.entries[1:]
	return e, true
}

func kindOfEntry(m fs.FileMode) entryKind {
	switch {
	case m.IsRegular():
		return kindFile
	case m.IsDir():
		return kindFolder
	case m&fs.ModeSymlink != 0:
		return kindLink
	}
	return kindSpecial
}
