package demo_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/demo"
	"github.com/trailsift/trailsift/source/sourcetest"
)

// A held file is one file of an archive, read whole.
type held struct {
	key       source.Key
	name      string
	stored    []byte
	text      []byte // uncompressed
	meta      map[string]string
	delivered time.Time
}

// read opens every file of an archive, in order of its listing.
func read(tb testing.TB, d *demo.Demo) []held {
	tb.Helper()
	return readSome(tb, d, func(source.Key) bool { return true })
}

// readLogs leaves out the digests, which cost a signature each.
func readLogs(tb testing.TB, d *demo.Demo) []held {
	tb.Helper()
	return readSome(tb, d, func(k source.Key) bool { return k.Kind != source.KindDigest })
}

func readSome(tb testing.TB, d *demo.Demo, wanted func(source.Key) bool) []held {
	tb.Helper()
	var files []held
	for f, err := range d.List(tb.Context()) {
		if err != nil {
			tb.Fatal(err)
		}
		key, ok := source.ParseKey(f.Key)
		if !ok {
			tb.Fatalf("%q is no key of a trail", f.Key)
		}
		if !wanted(key) {
			continue
		}
		o, err := d.Open(tb.Context(), f)
		if err != nil {
			tb.Fatal(err)
		}
		stored, err := io.ReadAll(o.Body)
		if err != nil {
			tb.Fatal(err)
		}
		files = append(files, held{
			key: key, name: f.Key, stored: stored, text: inflate(tb, stored), meta: o.Meta, delivered: f.Delivered(),
		})
	}
	return files
}

func inflate(tb testing.TB, stored []byte) []byte {
	tb.Helper()
	z, err := gzip.NewReader(bytes.NewReader(stored))
	if err != nil {
		tb.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// archive is the demo of 20,000 events, made and parsed once for all tests that only look at it.
const archiveEvents = 20_000

var (
	archive        = sync.OnceValue(func() []held { return read(&collector{}, demo.New(demo.Options{Events: archiveEvents})) })
	archiveRecords = sync.OnceValue(func() []record { return records(&collector{}, archive()) })
)

// A collector stands in for a test where a value is made for several.
type collector struct{ testing.TB }

func (*collector) Helper()                   {}
func (*collector) Context() context.Context  { return context.Background() }
func (*collector) Fatal(args ...any)         { panic(args) }
func (*collector) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

// A record is what the tests look at in an event.
type record struct {
	EventID, EventName, EventSource, EventTime, EventCategory, AWSRegion string
	SourceIPAddress, UserAgent, ErrorCode, ErrorMessage                  string
	RecipientAccountID                                                   string `json:"recipientAccountId"`
	ReadOnly                                                             bool
	UserIdentity                                                         struct {
		Type, Arn, AccountID, AccessKeyID, UserName, InvokedBy string
	}
	RequestParameters, ResponseElements json.RawMessage

	raw  string
	file *held
	time time.Time
}

// records parses the log files of an archive.
func records(tb testing.TB, files []held) []record {
	tb.Helper()
	var all []record
	for i := range files {
		if files[i].key.Kind == source.KindDigest {
			continue
		}
		var doc struct{ Records []json.RawMessage }
		if err := json.Unmarshal(files[i].text, &doc); err != nil {
			tb.Fatalf("%s: %v", files[i].name, err)
		}
		for _, raw := range doc.Records {
			r := record{raw: string(raw), file: &files[i]}
			if err := json.Unmarshal(raw, &r); err != nil {
				tb.Fatalf("%s: %v\n%s", files[i].name, err, raw)
			}
			var err error
			if r.time, err = time.Parse(time.RFC3339, r.EventTime); err != nil {
				tb.Fatalf("%s: %v", files[i].name, err)
			}
			all = append(all, r)
		}
	}
	return all
}

func TestConformance(t *testing.T) {
	d := demo.New(demo.Options{Events: 1500})
	want := map[string][]byte{}
	for _, f := range read(t, d) {
		want[f.name] = f.stored
	}
	sourcetest.Check(t, func(*testing.T) (source.Source, map[string][]byte) { return d, want })
}

func TestSameSeedGivesTheSameBytes(t *testing.T) {
	opt := demo.Options{Seed: 7, Events: 3000}
	first, second := readLogs(t, demo.New(opt)), readLogs(t, demo.New(opt))
	if diff := cmp.Diff(digests(first), digests(second)); diff != "" {
		t.Errorf("the same seed gives other bytes:\n%s", diff)
	}
	opt.Seed = 8
	other := digests(readLogs(t, demo.New(opt)))
	same := 0
	for name, sum := range digests(first) {
		if other[name] == sum {
			same++
		}
	}
	// Only files without background traffic are the same for every seed: Insights and network events.
	if same > 20 {
		t.Errorf("%d files are the same for another seed", same)
	}
}

func digests(files []held) map[string][32]byte {
	m := map[string][32]byte{}
	for _, f := range files {
		m[f.name] = sha256.Sum256(f.text)
	}
	return m
}

// TestContentIsPinned holds the generator still: what it writes may change, but not unnoticed. A change needs a new
// generation, so that stores which hold the demo read it again.
func TestContentIsPinned(t *testing.T) {
	h := sha256.New()
	for _, f := range archive() {
		io.WriteString(h, f.name)
		h.Write(f.text)
	}
	const want = "12f57f9fd1cc5f10fe6a637e70fc2b634ed2cf581fed8530b34fa122083966c2"
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("the archive of 20,000 events has the hash %s, want %s", got, want)
	}
}

func TestAsManyEventsAsAsked(t *testing.T) {
	for _, asked := range []int{2000, 7777, archiveEvents} {
		all := archiveRecords()
		if asked != archiveEvents {
			all = records(t, readLogs(t, demo.New(demo.Options{Events: asked})))
		}
		ids := map[string]bool{}
		for _, r := range all {
			ids[r.EventID+r.RecipientAccountID] = true
		}
		if len(ids) != asked {
			t.Errorf("asked for %d events: %d", asked, len(ids))
		}
	}
	few := demo.New(demo.Options{Events: 1})
	id := few.Place().ID
	n := len(records(t, readLogs(t, few)))
	if n < 500 || n > 1500 || id == "demo:1/1" {
		t.Errorf("the smallest demo is %s with %d records; it must hold the intrusion and say its true size", id, n)
	}
}

func TestReopenGivesTheSameBytes(t *testing.T) {
	d := demo.New(demo.Options{Seed: 3, Events: 2000})
	for i, f := range readLogs(t, d) {
		if i%200 != 0 {
			continue
		}
		body, err := demo.Reopen(t.Context(), d.Place(), f.name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(body)
		if err != nil || !bytes.Equal(got, f.stored) {
			t.Errorf("%s: %d bytes, %v; want the %d of before", f.name, len(got), err, len(f.stored))
		}
	}
	for _, id := range []string{"demo:x/1", "demo:1", "file:/tmp", "demo:1/x", ""} {
		if _, err := demo.Reopen(t.Context(), source.Place{ID: id}, "k"); err == nil {
			t.Errorf("Reopen(%q) is no error", id)
		}
	}
}

func TestRecordsAreAsTheDecoderReadsThem(t *testing.T) {
	var want, got []string
	for _, r := range archiveRecords() {
		want = append(want, r.EventID)
	}
	for _, f := range archive() {
		if f.key.Kind == source.KindDigest {
			continue
		}
		got = append(got, decodedIDs(t, f)...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event ids (-plain +decoder):\n%s", diff[:min(len(diff), 2000)])
	}
}

func decodedIDs(t *testing.T, f held) []string {
	t.Helper()
	var ids []string
	var dec source.Decoder
	for e := range dec.Events(bytes.NewReader(f.stored)) {
		ids = append(ids, string(e.Text(source.LeafEventID)))
		if e.Flags&(source.Salvaged|source.TimeGuessed) != 0 {
			t.Errorf("%s: record %d has flags %b", f.name, e.Position, e.Flags)
		}
	}
	if err := dec.Err(); err != nil {
		t.Errorf("%s: %v", f.name, err)
	}
	return ids
}

func TestTextIsCompact(t *testing.T) {
	for _, f := range archive() {
		var compact bytes.Buffer
		if err := json.Compact(&compact, f.text); err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		if !bytes.Equal(compact.Bytes(), f.text) {
			t.Errorf("%s: white space between tokens", f.name)
		}
		if strings.ContainsAny(string(f.text), "\x1b\u009b") {
			t.Errorf("%s: a raw control character", f.name)
		}
	}
}
