package archive_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/archive"
	"github.com/trailsift/trailsift/source/sourcetest"
)

// small are limits that tests reach quickly.
var small = archive.Limits{Members: 1000, Ratio: 50, Free: 1 << 20, Spool: 64 << 20}

// good stands beside what is hostile, and must come in.
var good = sourcetest.Log(1)

const goodName = "AWSLogs/good.json.gz"

// listed opens one archive and gives what is listed, and what is told with its reason.
func listed(t *testing.T, data []byte, l archive.Limits) (src *archive.Source, keys []string, told map[string]string) {
	t.Helper()
	src = openBytes(t, data, l)
	told = map[string]string{}
	for f, err := range src.List(t.Context()) {
		if err == nil {
			keys = append(keys, f.Key)
			continue
		}
		reason := err.Error()
		if e, ok := errors.AsType[*source.Error](err); ok {
			reason = e.Reason
		}
		if errors.Is(err, source.ErrIgnored) {
			reason = "ignored: " + reason
		}
		told[f.Key] = reason
	}
	return src, keys, told
}

// holdsGood checks that the good member came in.
func holdsGood(t *testing.T, src *archive.Source) {
	t.Helper()
	got, err := sourcetest.Read(t.Context(), src, source.File{Key: "a/" + goodName, SizeBytes: -1})
	if err != nil || !bytes.Equal(got, good) {
		t.Errorf("the good member: %d bytes, %v", len(got), err)
	}
}

// within fails a test that holds too much memory in the end, or takes more than most in all while it runs.
func within(t *testing.T, held, most uint64, do func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > most {
		t.Errorf("took %d bytes of memory in all, more than %d", took, most)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if after.HeapAlloc > before.HeapAlloc+held {
		t.Errorf("holds %d bytes, more than %d", after.HeapAlloc-before.HeapAlloc, held)
	}
}

// openBytes opens an archive that is a file named a.
func openBytes(t *testing.T, data []byte, l archive.Limits) *archive.Source {
	t.Helper()
	return open(t, filepath.Join(write(t, map[string][]byte{"a": data}), "a"), l)
}

func TestNamesThatLeadOutAreNotTaken(t *testing.T) {
	names := map[string]string{
		"../up.json": "its name leads out of the archive", "a/../../up.json": "its name leads out of the archive",
		`..\up.json`: "its name leads out of the archive", "/etc/passwd": "its name is an absolute path",
		`C:\x.json`: "its name is an absolute path", `\\host\x.json`: "its name is an absolute path",
		strings.Repeat("x", 5000): "its name is longer than 4,096 bytes",
	}
	files := map[string][]byte{goodName: good, `win\dows.json`: good, "./dot.json": good}
	want := map[string]string{}
	for name, reason := range names {
		files[name] = good
		want["a/"+name] = reason
	}
	for _, ext := range []string{".zip", ".tar"} {
		t.Run(ext, func(t *testing.T) {
			src, keys, told := listed(t, kinds[ext](t, files), small)
			slices.Sort(keys)
			if diff := cmp.Diff([]string{"a/" + goodName, "a/dot.json", "a/win/dows.json"}, keys); diff != "" {
				t.Errorf("listed (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want, told); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			holdsGood(t, src)
		})
	}
	t.Run("NUL", func(t *testing.T) {
		_, keys, told := listed(t, zipOf(t, map[string][]byte{"x\x00.json": good, goodName: good}), small)
		if len(keys) != 1 || told["a/x\x00.json"] != "its name holds a NUL" {
			t.Errorf("listed %q, told %q", keys, told)
		}
	})
}

func TestLinksAndDevicesAreNotFollowed(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i, h := range []tar.Header{
		{Name: "sym", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		{Name: "hard", Typeflag: tar.TypeLink, Linkname: goodName},
		{Name: "dev", Typeflag: tar.TypeBlock, Devmajor: 8},
		{Name: "fifo", Typeflag: tar.TypeFifo},
		{Name: "dir/", Typeflag: tar.TypeDir},
		{Name: goodName, Size: int64(len(good))},
	} {
		err := w.WriteHeader(&h)
		if err == nil && h.Size > 0 {
			_, err = w.Write(good)
		}
		if err != nil {
			t.Fatal(i, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	src, keys, told := listed(t, b.Bytes(), small)
	if diff := cmp.Diff(map[string]string{
		"a/sym": "ignored: a link in an archive, not followed", "a/hard": "ignored: a link in an archive, not followed",
		"a/dev": "ignored: a device in an archive", "a/fifo": "ignored: a pipe in an archive",
	}, told); diff != "" || len(keys) != 1 {
		t.Errorf("listed %q, told (-want +got):\n%s", keys, diff)
	}
	holdsGood(t, src)

	z := rawZip(t, zipEntry{name: "link", data: []byte("/etc/passwd"), mode: os.ModeSymlink | 0o777}, zipEntry{name: goodName, data: good})
	src, keys, told = listed(t, z, small)
	if len(keys) != 1 || told["a/link"] != "ignored: a link or special file in an archive, not followed" {
		t.Errorf("zip: listed %q, told %q", keys, told)
	}
	holdsGood(t, src)
}

// A zipEntry is a member that says of itself what it is told to.
type zipEntry struct {
	name   string
	data   []byte // as stored
	size   int    // that the directory says, 0: the true one
	flags  uint16
	method uint16
	mode   os.FileMode
	crc    uint32
}

func rawZip(tb testing.TB, entries ...zipEntry) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{
			Name: e.name, Method: e.method, Flags: e.flags, CRC32: crc32.ChecksumIEEE(e.data) ^ e.crc,
			CompressedSize64: uint64(len(e.data)), UncompressedSize64: uint64(len(e.data)),
		}
		if e.mode != 0 {
			h.SetMode(e.mode)
		}
		if e.size != 0 {
			h.UncompressedSize64 = uint64(e.size)
		}
		m, err := w.CreateRaw(h)
		if err == nil {
			_, err = m.Write(e.data)
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

func TestMembersThatCannotBeReadAreNamed(t *testing.T) {
	src, keys, told := listed(t, rawZip(t,
		zipEntry{name: "secret.json", data: good, flags: 1},
		zipEntry{name: "odd.json", data: good, method: 99},
		zipEntry{name: "bomb.json", data: good, size: 1 << 40, method: zip.Deflate},
		zipEntry{name: "nested.zip", data: zipOf(t, map[string][]byte{"x": good})},
		zipEntry{name: "nested.tgz", data: tgzOf(t, map[string][]byte{"x": good})},
		zipEntry{name: "short.json", data: good, size: len(good) + 5},
		zipEntry{name: "long.json", data: good, size: len(good) - 5},
		zipEntry{name: "crc.json", data: good, crc: 1},
		zipEntry{name: goodName, data: good},
	), small)
	if diff := cmp.Diff(map[string]string{
		"a/secret.json": "encrypted with a password", "a/odd.json": "compressed by method 99, which is not read",
		"a/bomb.json":  "inflates to more than 50 times its size",
		"a/nested.zip": "ignored: an archive within an archive, not opened",
		"a/nested.tgz": "ignored: an archive within an archive, not opened",
	}, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if len(keys) != 4 {
		t.Errorf("listed %q", keys)
	}
	for name, want := range map[string]string{
		"short.json": "ends before the size that the archive says",
		"long.json":  "inflates to more than the directory of the archive says",
		"crc.json":   "its checksum in the archive does not match",
	} {
		got, err := sourcetest.Read(t.Context(), src, source.File{Key: "a/" + name})
		if damage, ok := errors.AsType[source.Damage](err); !ok || string(damage) != want || !bytes.HasPrefix(good, got) || len(got) < len(good)-5 {
			t.Errorf("%s: %d bytes of %d, %v", name, len(got), len(good), err)
		}
	}
	holdsGood(t, src)
}

// The records before a damaged place in a member are salvaged, and the damage is a problem of that log file.
func TestDamageInAMemberIsToldWithItsRecords(t *testing.T) {
	log := []byte(`{"Records":[{"eventVersion":"1.08","eventName":"A","eventSource":"s","eventTime":"2026-01-01T00:00:00Z","eventID":"1"}]}`)
	src, _, _ := listed(t, rawZip(t, zipEntry{name: "x.json", data: log, crc: 1}), small)
	obj, err := src.Open(t.Context(), source.File{Key: "a/x.json"})
	if err != nil {
		t.Fatal(err)
	}
	defer obj.Body.Close()
	var d source.Decoder
	for range d.Events(obj.Body) {
	}
	if st := d.Stats(); d.Err() != nil || st.Events != 1 || st.Damage != "its checksum in the archive does not match" {
		t.Errorf("%+v, %v", st, d.Err())
	}
}

func TestMembersOfOneNameAllComeIn(t *testing.T) {
	_, keys, _ := listed(t, rawZip(t, zipEntry{name: "x.json", data: good}, zipEntry{name: "./x.json", data: sourcetest.Log(2)},
		zipEntry{name: "x.json (2)", data: sourcetest.Log(3)}), small)
	slices.Sort(keys)
	if diff := cmp.Diff([]string{"a/x.json", "a/x.json (2)", "a/x.json (2) (2)"}, keys); diff != "" {
		t.Error(diff)
	}
}

func TestManyMembers(t *testing.T) {
	n := 50_000
	if os.Getenv("TRAILSIFT_LONG") != "" {
		n = 1_000_000
	}
	entries := make([]zipEntry, n)
	for i := range entries {
		entries[i] = zipEntry{name: fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/x%07d.json", i), data: []byte("{}")}
	}
	data := rawZip(t, entries...)
	var src *archive.Source
	path := filepath.Join(write(t, map[string][]byte{"a": data}), "a")
	within(t, uint64(n)*150+8<<20, uint64(n)*1000+8<<20, func() {
		count := 0
		src = open(t, path, archive.Limits{})
		for range src.List(t.Context()) {
			count++
		}
		if count != n {
			t.Errorf("%d listed", count)
		}
	})
	runtime.KeepAlive(src)
	_, keys, told := listed(t, data, small)
	if len(keys) != 1000 || told["a"] != "holds more than 1000 members: the rest is not read" {
		t.Errorf("%d listed, told %q", len(keys), told)
	}
}

func TestBombs(t *testing.T) {
	zeros := make([]byte, 32<<20)
	for name, c := range map[string]struct {
		data   []byte
		thing  string
		reason string
		good   bool
	}{
		"one member": {zipOf(t, map[string][]byte{"zz": zeros, goodName: good}), "a/zz", "inflates to more than 50 times its size", true},
		"many members": {
			zipOf(t, map[string][]byte{"z1": zeros[:1<<20], "z2": zeros[:1<<20], "z3": zeros[:1<<20], "z4": zeros[:1<<20], goodName: good}),
			"a/z1", "inflates to more than 50 times its size", true,
		},
		"tar.gz":  {tgzOf(t, map[string][]byte{"zz": zeros, goodName: good}), "a", "inflates to more than 50 times its size after", true},
		"tar.zst": {tzstOf(t, map[string][]byte{"zz": zeros, goodName: good}), "a", "inflates to more than 50 times its size after", true},
	} {
		t.Run(name, func(t *testing.T) {
			within(t, 8<<20, 160<<20, func() {
				src, _, told := listed(t, c.data, small)
				if !strings.HasPrefix(told[c.thing], c.reason) {
					t.Errorf("told %q, want %q of %q", told, c.reason, c.thing)
				}
				if c.good {
					holdsGood(t, src)
				}
			})
		})
	}
}

// Overlapping members (as in the zip bombs of D. Fifield): each claims the bytes of all behind it.
func TestOverlappingMembersAreNotTaken(t *testing.T) {
	data := rawZip(t, zipEntry{name: "over.json", data: good}, zipEntry{name: goodName, data: good})
	dir := bytes.Index(data, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(data[dir+20:], uint32(2*len(good)))
	src, keys, told := listed(t, data, small)
	if len(keys) != 1 || told["a/over.json"] != "overlaps another member" {
		t.Errorf("listed %q, told %q", keys, told)
	}
	holdsGood(t, src)
}

func TestZipWithoutItsDirectory(t *testing.T) {
	files := sourcetest.Tree()
	for kind, data := range map[string][]byte{"descriptors": zipOf(t, files), "sizes": rawZip(t, zipEntry{name: "x", data: good}, zipEntry{name: "y", data: good})} {
		t.Run(kind, func(t *testing.T) {
			_, whole, _ := listed(t, data, small)
			cut := data[:bytes.Index(data, []byte("PK\x01\x02"))]
			src, keys, told := listed(t, cut, small)
			if diff := cmp.Diff(whole, keys); diff != "" || !strings.Contains(told["a"], "members were found by their own headers") {
				t.Errorf("told %q, keys (-want +got):\n%s", told, diff)
			}
			for _, key := range keys {
				if _, err := sourcetest.Read(t.Context(), src, source.File{Key: key}); err != nil {
					t.Errorf("%s: %v", key, err)
				}
			}
			src, keys, _ = listed(t, cut[:len(cut)-40], small)
			if len(keys) != len(whole) {
				t.Errorf("cut within the last member: %q", keys)
			}
			damaged := 0
			for _, key := range keys {
				if _, err := sourcetest.Read(t.Context(), src, source.File{Key: key}); errors.As(err, new(source.Damage)) {
					damaged++
				}
			}
			if damaged != 1 {
				t.Errorf("%d members are cut, want 1", damaged)
			}
		})
	}
}

func TestTruncatedAndDamagedTar(t *testing.T) {
	var all []string
	files := map[string][]byte{}
	for i := range 5 {
		name := fmt.Sprintf("%d.json.gz", i)
		files[name] = sourcetest.Log(i)
		all = append(all, "a/"+name)
	}
	data := tarOf(t, files)
	size := (len(data) - 1024) / 5
	t.Run("truncated", func(t *testing.T) {
		for kind, b := range map[string][]byte{"tar": data[:3*size+600], "tgz": gzipOf(t, data[:3*size+600])} {
			_, keys, told := listed(t, b, small)
			slices.Sort(keys)
			if diff := cmp.Diff(all[:4], keys); diff != "" || told["a"] != "the archive ends early, in its member 3.json.gz" {
				t.Errorf("%s: told %q (-want +got):\n%s", kind, told, diff)
			}
		}
	})
	t.Run("truncated gzip", func(t *testing.T) {
		b := gzipOf(t, data)
		_, keys, told := listed(t, b[:len(b)*3/4], small)
		if len(keys) == 0 || len(told) == 0 {
			t.Errorf("listed %q, told %q", keys, told)
		}
	})
	t.Run("damaged header", func(t *testing.T) {
		b := bytes.Clone(data)
		copy(b[2*size:], "garbage garbage garbage")
		_, keys, told := listed(t, b, small)
		slices.Sort(keys)
		want := slices.Delete(slices.Clone(all), 2, 3)
		if diff := cmp.Diff(want, keys); diff != "" || !strings.HasPrefix(told["a"], "damaged at byte ") {
			t.Errorf("told %q (-want +got):\n%s", told, diff)
		}
	})
}

func TestTemporaryFilesAreRemoved(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	l := archive.Limits{Memory: 1}
	data := tgzOf(t, map[string][]byte{goodName: good})
	src := open(t, filepath.Join(write(t, map[string][]byte{"a": data}), "a"), l)
	for range src.List(t.Context()) {
		if left, err := os.ReadDir(dir); err != nil || len(left) > 1 {
			t.Errorf("%v, %v", left, err)
		}
	}
	obj, err := src.Open(t.Context(), source.File{Key: "a/" + goodName})
	if err != nil {
		t.Fatal(err)
	}
	if err := src.Close(); err != nil {
		t.Error(err)
	}
	if got, err := io.ReadAll(obj.Body); err != nil || !bytes.Equal(got, good) {
		t.Errorf("read after Close: %v", err)
	}
	if err := obj.Body.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestStreamEndsWithItsContext(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	s := archive.NewStream(r, archive.Limits{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	for f, err := range s.List(ctx) {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%q, %v", f.Key, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestStreamTooLong(t *testing.T) {
	s := archive.NewStream(bytes.NewReader(make([]byte, 1<<20)), archive.Limits{Spool: 1 << 10})
	for f, err := range s.List(t.Context()) {
		if err == nil || err.Error() != "standard input: longer than 1024 bytes" {
			t.Errorf("%q, %v", f.Key, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// A disk that would get full is left alone: the archive is named, and what lies beside it comes in.
func TestTooLittleRoomForATemporaryFile(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	asked := 0
	l := archive.Limits{Memory: 1 << 10, Leave: 1 << 30, Room: func(folder string) (int64, bool) {
		asked++
		return 2<<30 - int64(asked-1)<<30, folder == tmp // enough the first time
	}}
	big := make([]byte, 20<<20)
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.NoCompression)
	if err == nil {
		_, err = w.Write(tarOf(t, map[string][]byte{"x": big}))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	data := packed.Bytes()
	src := open(t, write(t, map[string][]byte{"a": data, goodName: good}), l)
	var told error
	for _, err := range src.List(t.Context()) {
		told = errors.Join(told, err)
	}
	if told == nil || !strings.Contains(told.Error(), "too little is free") || asked != 2 {
		t.Errorf("%v, asked %d times", told, asked)
	}
	if got, err := sourcetest.Read(t.Context(), src, source.File{Key: goodName}); err != nil || !bytes.Equal(got, good) {
		t.Errorf("what lies beside it: %v", err)
	}
	asked = 0
	s := archive.NewStream(bytes.NewReader(big), l)
	for _, err := range s.List(t.Context()) {
		if err == nil || !strings.Contains(err.Error(), "too little is free") {
			t.Errorf("standard input: %v", err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
