package demo_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/demo"
)

func TestWriteToIsWhatOpenGives(t *testing.T) {
	d := demo.New(demo.Options{Events: 2000})
	dir := filepath.Join(t.TempDir(), "new", "archive")
	var last atomic.Int64
	err := d.WriteTo(t.Context(), dir, demo.WriteOptions{Workers: 3, Progress: func(done, all int) { last.Store(int64(done * 1000 / all)) }})
	if err != nil {
		t.Fatal(err)
	}
	if last.Load() == 0 {
		t.Error("no progress was told")
	}
	want := map[string]bool{demo.PublicKeysFile: true}
	for _, f := range read(t, d) {
		want[f.name] = true
		got, err := os.ReadFile(filepath.Join(dir, f.name))
		if err != nil || !bytes.Equal(got, f.stored) {
			t.Errorf("%s: %d bytes, %v; want %d", f.name, len(got), err, len(f.stored))
		}
		if f.meta == nil {
			continue
		}
		want[f.name+source.SidecarSuffix] = true
		text, err := os.ReadFile(filepath.Join(dir, f.name+source.SidecarSuffix))
		if err != nil {
			t.Error(err)
		}
		if meta, err := source.ParseSidecar(text); err != nil || !cmp.Equal(f.meta, meta) {
			t.Errorf("%s: sidecar %v, %v", f.name, meta, err)
		}
	}
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		name, _ := filepath.Rel(dir, path)
		if err == nil && !e.IsDir() && !want[filepath.ToSlash(name)] {
			t.Errorf("%s was written and is not listed", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if err := d.WriteTo(t.Context(), dir, demo.WriteOptions{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("writing over an archive: %v", err)
	}
}

func TestWriteToStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := demo.New(demo.Options{Events: 2000}).WriteTo(ctx, t.TempDir(), demo.WriteOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("WriteTo with a cancelled context: %v", err)
	}
}
