package archive_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/archive"
)

// A listing is what is compared of a member.
type listing struct {
	Key  string
	Size int64
	Time time.Time
}

// plainListing is a zip as archive/zip reads it.
func plainListing(t *testing.T, data []byte) (all []listing) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		if f.Modified.Equal(time.Date(1979, 11, 30, 0, 0, 0, 0, time.UTC)) {
			f.Modified = time.Time{} // the fields of a time that was not set
		}
		if f.UncompressedSize64 > 0 {
			all = append(all, listing{"a/" + f.Name, int64(f.UncompressedSize64), f.Modified.UTC().Truncate(time.Second)})
		}
	}
	return all
}

func byKey(a, b listing) int { return cmp.Compare(a.Key, b.Key) }

// The directory is read as archive/zip reads it: sizes, times, comments, bytes before the archive, zip64.
func TestDirectoryAsArchiveZip(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	for round := range 40 {
		var b bytes.Buffer
		b.WriteString("PK\x03\x04") // bytes before the archive, so that it is told by them
		if round%2 == 0 {
			b.Reset()
		}
		w := zip.NewWriter(&b)
		if round%4 == 1 { // else offsets in it do not count those bytes
			w.SetOffset(int64(b.Len()))
		}
		for i := range rng.IntN(40) {
			h := &zip.FileHeader{
				Name: fmt.Sprintf("d%s/%d.json", strings.Repeat("d", rng.IntN(200)), i), Method: uint16(rng.IntN(2)) * zip.Deflate,
				Comment: strings.Repeat("c", rng.IntN(100)),
			}
			if rng.IntN(4) > 0 {
				h.Modified = time.Unix(rng.Int64N(1<<31), 0)
			}
			m, err := w.CreateHeader(h)
			if err == nil {
				_, err = fmt.Fprintf(m, "%*d", rng.IntN(3000), i)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.SetComment(strings.Repeat("PK\x05\x06", rng.IntN(4))); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		want := plainListing(t, b.Bytes())
		var got []listing
		for f, err := range openBytes(t, b.Bytes(), archive.Limits{}).List(t.Context()) {
			if err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			if b.Len() > 22 && strings.HasPrefix(f.Key, "a/") {
				got = append(got, listing{f.Key, f.SizeBytes, f.ModTime})
			}
		}
		slices.SortFunc(want, byKey)
		slices.SortFunc(got, byKey)
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("round %d (-archive/zip +got):\n%s", round, diff)
		}
	}
}

// More than 65,535 members need zip64; members far behind 4 GB do, too.
func TestZip64(t *testing.T) {
	var entries []zipEntry
	for i := range 1<<16 + 10 {
		entries = append(entries, zipEntry{name: fmt.Sprintf("AWSLogs/1/CloudTrail/x/%d.json", i), data: []byte("{}")})
	}
	data := rawZip(t, entries...)
	_, keys, told := listed(t, data, archive.Limits{})
	if len(keys) != len(entries) || len(told) > 0 {
		t.Errorf("%d listed, told %q", len(keys), told)
	}
	if want := plainListing(t, data); len(want) != len(keys) {
		t.Errorf("archive/zip lists %d", len(want))
	}
}

// A directory that lies about itself is not believed: members are found by their own headers.
func TestDirectoryThatLies(t *testing.T) {
	data := rawZip(t, zipEntry{name: "x.json", data: good}, zipEntry{name: goodName, data: good})
	dir, end := bytes.Index(data, []byte("PK\x01\x02")), bytes.LastIndex(data, []byte("PK\x05\x06"))
	for name, change := range map[string]func(b []byte){
		"more entries":        func(b []byte) { b[end+8], b[end+10] = 9, 9 },
		"a size beyond it":    func(b []byte) { b[end+14] = 0xff },
		"an offset beyond it": func(b []byte) { b[end+19] = 0x7f },
		"zip64 that is none":  func(b []byte) { copy(b[end+10:], "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff") },
		"an entry cut short":  func(b []byte) { b[dir+28], b[dir+29] = 0xff, 0xff },
		"a damaged entry":     func(b []byte) { b[dir] = 0 },
	} {
		b := bytes.Clone(data)
		change(b)
		src, keys, told := listed(t, b, small)
		if len(keys) == 2 && name == "an offset beyond it" {
			continue // the directory is before its end, whatever that says
		}
		if len(keys) != 2 || !strings.Contains(told["a"], "members were found by their own headers") {
			t.Errorf("%s: listed %q, told %q", name, keys, told)
		}
		holdsGood(t, src)
	}
	b := bytes.Clone(data)
	b[dir+42] = 1 // of the first member's own header
	src, keys, _ := listed(t, b, small)
	if _, err := src.Open(t.Context(), source.File{Key: "a/x.json"}); err == nil || !strings.Contains(err.Error(), "no member where the directory") {
		t.Errorf("listed %q, %v", keys, err)
	} else if _, ok := errors.AsType[*source.Error](err); !ok {
		t.Errorf("%T", err)
	}
	holdsGood(t, src)
}

// A readCounter counts the bytes that are read of an archive.
type readCounter struct {
	data []byte
	read atomic.Int64
}

func (r *readCounter) Place() source.Place { return source.Place{Text: "x", ID: "x:"} }

func (r *readCounter) List(context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		yield(source.File{Key: "a", SizeBytes: int64(len(r.data))}, nil)
	}
}

func (r *readCounter) Open(context.Context, source.File) (*source.Object, error) {
	return &source.Object{Body: &countedBody{bytes.NewReader(r.data), r}}, nil
}

type countedBody struct {
	r *bytes.Reader
	c *readCounter
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.c.read.Add(int64(n))
	return n, err
}

func (b *countedBody) ReadAt(p []byte, off int64) (int, error) {
	n, err := b.r.ReadAt(p, off)
	b.c.read.Add(int64(n))
	return n, err
}

func (b *countedBody) Size() (int64, error) { return b.r.Size(), nil }

func (b *countedBody) Close() error { return nil }

// Whatever an archive is made of, listing it reads each byte a few times at most.
func TestListingReadsAnArchiveAFewTimes(t *testing.T) {
	local := func(flags byte, names byte) string {
		return "PK\x03\x04" + string([]byte{20, 0, flags, 0, 0, 0}) + strings.Repeat("\x00", 16) + string([]byte{names, 0, 0, 0}) + strings.Repeat("n", int(names))
	}
	many := func(text string) []byte { return []byte("PK\x03\x04" + strings.Repeat(text, 4<<20/len(text))) }
	tarHeader := tarOf(t, map[string][]byte{"x": nil})[:512]
	for name, data := range map[string][]byte{
		"headers without members":  many(local(0, 0)),
		"headers of members":       many(local(0, 1)[:18] + "\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00nx"),
		"beginnings of headers":    many("PK\x03\x04"),
		"descriptors":              append([]byte(local(8, 1)), many("PK\x07\x08")...),
		"headers with descriptors": many(local(8, 1) + "PK\x07\x08" + strings.Repeat("\x00", 12)),
		"ends of directories":      many("PK\x05\x06" + strings.Repeat("\x00", 18)),
		"damaged tar headers":      bytes.Repeat(append(bytes.Clone(tarHeader), bytes.Repeat([]byte("x"), 512)...), 4<<10),
	} {
		src := &readCounter{data: data}
		a := archive.Of(src)
		n := 0
		for range a.List(t.Context()) {
			n++
		}
		if most := 8 * int64(len(data)); src.read.Load() > most {
			t.Errorf("%s: %d bytes read of %d, %d things listed", name, src.read.Load(), len(data), n)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}
