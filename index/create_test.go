package index_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

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
