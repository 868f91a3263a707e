package archive_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/archive"
	"github.com/trailsift/trailsift/source/disk"
	"github.com/trailsift/trailsift/source/sourcetest"
)

// kinds make archives of files, by the end of a name.
var kinds = map[string]func(tb testing.TB, files map[string][]byte) []byte{
	".zip":     zipOf,
	".tar":     tarOf,
	".tar.gz":  tgzOf,
	".tar.zst": tzstOf,
}

func zipOf(tb testing.TB, files map[string][]byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		m, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)})
		if err == nil {
			_, err = m.Write(files[name])
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func tarOf(tb testing.TB, files map[string][]byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(files[name])), Mode: 0o600, ModTime: time.Unix(1_700_000_000, 0)})
		if err == nil {
			_, err = w.Write(files[name])
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func tgzOf(tb testing.TB, files map[string][]byte) []byte {
	tb.Helper()
	return gzipOf(tb, tarOf(tb, files))
}

func tzstOf(tb testing.TB, files map[string][]byte) []byte {
	tb.Helper()
	return zstdOf(tb, tarOf(tb, files))
}

func gzipOf(tb testing.TB, b []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func zstdOf(tb testing.TB, b []byte) []byte {
	tb.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return w.EncodeAll(b, nil)
}

// write puts files into a folder.
func write(tb testing.TB, files map[string][]byte) (root string) {
	tb.Helper()
	root = tb.TempDir()
	for key, b := range files {
		path := filepath.Join(root, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return root
}

func open(tb testing.TB, path string, l archive.Limits) *archive.Source {
	tb.Helper()
	src, err := disk.New(path)
	if err != nil {
		tb.Fatal(err)
	}
	a := archive.OfLimits(src, l)
	tb.Cleanup(func() {
		if err := a.Close(); err != nil {
			tb.Error(err)
		}
	})
	return a
}

// below are files with the archive's name before theirs, without those that are empty.
func below(name string, files map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for key, b := range files {
		if len(b) > 0 {
			out[name+"/"+key] = b
		}
	}
	return out
}

func TestConformance(t *testing.T) {
	for ext, pack := range kinds {
		t.Run(ext, func(t *testing.T) {
			files := sourcetest.Tree()
			sourcetest.Check(t, func(t *testing.T) (source.Source, map[string][]byte) {
				t.Helper()
				name := "logs" + ext
				return open(t, filepath.Join(write(t, map[string][]byte{name: pack(t, files)}), name), archive.Limits{}), below(name, files)
			})
		})
	}
}

func TestFilesAndArchivesBesideEachOther(t *testing.T) {
	files := sourcetest.Tree()
	all := maps.Clone(files)
	want := maps.Clone(files)
	maps.DeleteFunc(want, func(_ string, b []byte) bool { return len(b) == 0 })
	for ext, pack := range kinds {
		name := "evidence/day" + ext + ".bin" // the name does not tell
		all[name] = pack(t, files)
		maps.Copy(want, below(name, files))
	}
	sourcetest.Check(t, func(t *testing.T) (source.Source, map[string][]byte) {
		t.Helper()
		return open(t, write(t, all), archive.Limits{}), want
	})
}

func TestStreamConformance(t *testing.T) {
	files := sourcetest.Tree()
	for ext, pack := range kinds {
		t.Run(ext, func(t *testing.T) {
			data := pack(t, files)
			sourcetest.Check(t, func(t *testing.T) (source.Source, map[string][]byte) {
				t.Helper()
				s := archive.NewStream(bytes.NewReader(data), archive.Limits{Memory: 1 << 10})
				a := archive.Of(s)
				t.Cleanup(func() {
					if err := errors.Join(a.Close(), s.Close()); err != nil {
						t.Error(err)
					}
				})
				return a, below(streamKey(data), files)
			})
		})
	}
	t.Run("one log file", func(t *testing.T) {
		data := sourcetest.Log(1)
		sourcetest.Check(t, func(t *testing.T) (source.Source, map[string][]byte) {
			t.Helper()
			s := archive.NewStream(bytes.NewReader(data), archive.Limits{})
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
			return s, map[string][]byte{streamKey(data): data}
		})
	})
}

func streamKey(data []byte) string { return fmt.Sprintf("stdin-%.6x", sha256.Sum256(data)) }
