package index_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/trailsift/trailsift/index"
)

// TestNewStoreIsWholeOrNotThere: a store appears under its name when it can be opened, and nothing is left beside it.
func TestNewStoreIsWholeOrNotThere(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "new.db")
	for range 2 { // the second time it is there
		x, err := index.Open(path, index.Options{Write: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
	fi, err := os.Stat(path)
	if err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: want a file 0600", fi, err)
	}
	left, err := filepath.Glob(filepath.Join(folder, ".new-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left beside it: %v, %v", left, err)
	}
}

func TestEmptyFileIsNoStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "empty.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := index.Open(path, index.Options{})
	if format, ok := errors.AsType[*index.FormatError](err); !ok || format.Hint() == "" {
		t.Errorf("open: %v, want a FormatError with a hint", err)
	}
	x, err := index.Open(path, index.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
}

// TestDamagedStoreIsRefusedWithPathAndHint: a copy that was cut off, and one whose manifest does not fit, for readers and for
// writers.
func TestDamagedStoreIsRefusedWithPathAndHint(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"cut off": func(path string) error {
			fi, err := os.Stat(path)
			if err != nil {
				return err
			}
			return os.Truncate(path, fi.Size()-allocated(t, path)-1)
		},
		"manifest": func(path string) error {
			return boltFile(path, func(tx *bolt.Tx) error { return tx.Bucket([]byte("manifest")).Put([]byte("current"), []byte("x")) })
		},
	} {
		s := newShelf("logs")
		s.put("a.json", numbered(0, 50))
		path := filepath.Join(t.TempDir(), "index.db")
		x, err := index.Open(path, index.Options{Write: true})
		if err != nil {
			t.Fatal(err)
		}
		bringIn(t, x, s, index.IngestOptions{Workers: 1})
		if err := errors.Join(x.Close(), change(path)); err != nil {
			t.Fatal(err)
		}
		for _, write := range []bool{false, true} {
			_, err := index.Open(path, index.Options{Write: write})
			format, ok := errors.AsType[*index.FormatError](err)
			if !ok || format.Path != path || format.Hint() == "" {
				t.Errorf("%s, write %v: %v, want a FormatError with path and hint", name, write, err)
			}
		}
	}
}

// allocated is how many bytes at the end of the file are free for what comes.
func allocated(t *testing.T, path string) (free int64) {
	t.Helper()
	fi, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_ = db.View(func(tx *bolt.Tx) error { free = fi.Size() - tx.Size(); return nil })
	return free
}
