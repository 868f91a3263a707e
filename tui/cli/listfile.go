package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/trailsift/trailsift/index/query"
)

// listFiles reads the files of lists (field:@FILE). A file that is as it was is not read again: the filter line asks at each
// key.
type listFiles struct {
	mu   sync.Mutex
	name string
	at   time.Time
	size int64
	text []byte
}

// read gives the content of a file, at most one byte more than a list may have. The error names the file.
func (l *listFiles) read(name string) ([]byte, error) {
	fi, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("no such file: %s", name)
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read: %s", name, reasonOf(err))
	case fi.IsDir():
		return nil, fmt.Errorf("%s is a folder, not a list", name)
	case fi.Mode().IsRegular() && fi.Size() > query.MaxListBytes:
		return nil, fmt.Errorf("%s is too large: a list has at most %d MB", name, query.MaxListBytes>>20)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	// A pipe gives what it has only once.
	if l.text != nil && l.name == name && (!fi.Mode().IsRegular() || l.at.Equal(fi.ModTime()) && l.size == fi.Size()) {
		return l.text, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %s", name, reasonOf(err))
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, query.MaxListBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %s", name, reasonOf(err))
	}
	l.name, l.at, l.size, l.text = name, fi.ModTime(), fi.Size(), text
	return text, nil
}

// reasonOf is an error of the file system without the operation and the name.
func reasonOf(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}
