package index_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/klauspost/compress/gzip"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
)

// A shelf is a place in memory whose log files can change, fail and vanish.
type shelf struct {
	place source.Place

	mu     sync.Mutex
	files  map[string]shelfFile
	order  []string // of listing; nil: by name
	opened []string
	onOpen func(key string) // called before a file is opened
	broken error            // what listing ends with
}

type shelfFile struct {
	text     []byte
	etag     string
	modTime  time.Time
	volatile bool
	unlisted error // listed as this error
	fail     error // of opening
	failAt   int   // > 0: reading fails here
}

func newShelf(name string) *shelf {
	return &shelf{place: source.Place{Text: "./" + name, ID: "shelf:" + name}, files: map[string]shelfFile{}}
}

// put adds a log file or changes it; each change gives it another time.
func (s *shelf) put(key string, text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[key] = shelfFile{text: text, modTime: time.Unix(1_700_000_000+int64(len(s.files)), int64(len(text)))}
}

func (s *shelf) change(key string, change func(f *shelfFile)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[key]
	change(&f)
	s.files[key] = f
}

func (s *shelf) Place() source.Place { return s.place }

func (s *shelf) List(ctx context.Context) iter.Seq2[source.File, error] {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := slices.Clone(s.order)
	if keys == nil {
		for key := range s.files {
			keys = append(keys, key)
		}
		slices.Sort(keys)
	}
	return func(yield func(source.File, error) bool) {
		for _, key := range keys {
			s.mu.Lock()
			f := s.files[key]
			s.mu.Unlock()
			if f.unlisted != nil {
				if !yield(source.File{Key: key}, f.unlisted) {
					return
				}
				continue
			}
			if ctx.Err() != nil || !yield(source.File{
				Key: key, SizeBytes: int64(len(f.text)), ETag: f.etag, ModTime: f.modTime, Volatile: f.volatile,
			}, nil) {
				return
			}
		}
		if s.broken != nil {
			yield(source.File{}, s.broken)
		}
	}
}

func (s *shelf) Open(ctx context.Context, f source.File) (*source.Object, error) {
	if s.onOpen != nil {
		s.onOpen(f.Key)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = append(s.opened, f.Key)
	file, ok := s.files[f.Key]
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case !ok:
		return nil, fmt.Errorf("%s: %w", f.Key, fs.ErrNotExist)
	case file.fail != nil:
		return nil, file.fail
	}
	var r io.Reader = bytes.NewReader(file.text)
	if file.failAt > 0 {
		r = io.MultiReader(bytes.NewReader(file.text[:file.failAt]), failingReader{})
	}
	return &source.Object{Body: io.NopCloser(r)}, nil
}

// takeOpened gives the keys opened since it was last asked, sorted.
func (s *shelf) takeOpened() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	opened := s.opened
	s.opened = nil
	slices.Sort(opened)
	return opened
}

type failingReader struct{}

var errCable = errors.New("connection reset")

func (failingReader) Read([]byte) (int, error) { return 0, errCable }

// reopenShelves is Options.Reopen for shelves.
func reopenShelves(shelves ...*shelf) func(context.Context, source.Place, string) (io.ReadCloser, error) {
	return func(ctx context.Context, p source.Place, key string) (io.ReadCloser, error) {
		for _, s := range shelves {
			if s.place.ID == p.ID {
				o, err := s.Open(ctx, source.File{Key: key})
				if err != nil {
					return nil, err
				}
				return o.Body, nil
			}
		}
		return nil, fmt.Errorf("no place %s", p.ID)
	}
}

// guid is event id n.
func guid(n int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", n*2654435761&0xffffffff, n) }

// record is a record with event id n, at minute n of a day; extra is further JSON text.
func record(n int, extra string) string {
	at := time.Date(2026, 7, 1, 0, n%1440, 0, 0, time.UTC).Format(time.RFC3339)
	return fmt.Sprintf(`{"eventVersion":"1.08","eventID":%q,"eventTime":%q,"eventName":"GetObject","eventSource":"s3.amazonaws.com",`+
		`"awsRegion":"us-east-1","recipientAccountId":"111111111111","sourceIPAddress":"192.0.2.%d",`+
		`"userIdentity":{"type":"IAMUser","userName":"u%d"}%s}`, guid(n), at, n%200, n%7, extra)
}

func records(list ...string) []byte { return []byte(`{"Records":[` + strings.Join(list, ",") + `]}`) }

// numbered is a log file with the records from lo up to, not including, hi.
func numbered(lo, hi int) []byte {
	var list []string
	for n := lo; n < hi; n++ {
		list = append(list, record(n, ""))
	}
	return records(list...)
}

func zipped(tb testing.TB, text []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(text); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// openIndex opens an index for writing; when the test ends it is verified and closed.
func openIndex(tb testing.TB, path string, opt index.Options) *index.Index {
	tb.Helper()
	opt.Write = true
	if opt.Now == nil {
		opt.Now = func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }
	}
	x, err := index.Open(path, opt)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		verify(tb, x)
		if err := x.Close(); err != nil {
			tb.Error(err)
		}
	})
	return x
}

func verify(tb testing.TB, x *index.Index) {
	tb.Helper()
	found, err := x.Check(context.Background())
	if err != nil && !errors.Is(err, index.ErrClosed) {
		tb.Errorf("check: %v", err)
	}
	for _, text := range found {
		tb.Errorf("check: %s", text)
	}
}

func newIndex(tb testing.TB, shelves ...*shelf) *index.Index {
	tb.Helper()
	return openIndex(tb, filepath.Join(tb.TempDir(), "index.db"), index.Options{Reopen: reopenShelves(shelves...)})
}

// bringIn brings a place in and gives the summary without what differs from run to run.
func bringIn(tb testing.TB, x *index.Index, s source.Source, opt index.IngestOptions) index.Summary {
	tb.Helper()
	sum, err := x.Ingest(tb.Context(), s, opt)
	if err != nil {
		tb.Fatal(err)
	}
	return sum
}

var counted = cmpopts.IgnoreFields(index.Summary{}, "Seconds", "IndexBytes", "BytesCompressed", "Bytes", "Problems", "Hints")

func wantSummary(t *testing.T, got, want index.Summary) {
	t.Helper()
	if diff := gocmp.Diff(want, got, counted); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

func TestSecondRunOpensNothing(t *testing.T) {
	s := newShelf("logs")
	for i := range 20 {
		s.put(fmt.Sprintf("%02d.json.gz", i), zipped(t, numbered(10*i, 10*i+10)))
	}
	x := newIndex(t, s)
	wantSummary(t, bringIn(t, x, s, index.IngestOptions{}), index.Summary{Files: 20, Events: 200, Held: 200, Complete: true})
	s.takeOpened()
	generation := x.Generation()
	wantSummary(t, bringIn(t, x, s, index.IngestOptions{}), index.Summary{Held: 200, Complete: true})
	if opened := s.takeOpened(); opened != nil {
		t.Errorf("the second run opened %v", opened)
	}
	if x.Generation() != generation {
		t.Error("the second run changed what is shown")
	}
	s.put("99.json", numbered(500, 503))
	wantSummary(t, bringIn(t, x, s, index.IngestOptions{}), index.Summary{Files: 1, Events: 3, Held: 203, Complete: true})
	if diff := gocmp.Diff([]string{"99.json"}, s.takeOpened()); diff != "" {
		t.Error(diff)
	}
}

func TestETagDecidesBeforeTime(t *testing.T) {
	s := newShelf("logs")
	s.put("a", numbered(0, 2))
	s.change("a", func(f *shelfFile) { f.etag = "1" })
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{})
	s.takeOpened()
	s.change("a", func(f *shelfFile) { f.modTime = f.modTime.Add(time.Hour) })
	bringIn(t, x, s, index.IngestOptions{})
	if opened := s.takeOpened(); opened != nil {
		t.Errorf("the same entity tag was opened: %v", opened)
	}
	s.change("a", func(f *shelfFile) { f.etag = "2" })
	bringIn(t, x, s, index.IngestOptions{})
	if opened := s.takeOpened(); len(opened) != 1 {
		t.Errorf("another entity tag was not opened")
	}
}

func TestVolatileFileIsAskedAgain(t *testing.T) {
	s := newShelf("history")
	s.put("window", numbered(0, 10))
	s.change("window", func(f *shelfFile) { f.volatile = true })
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{})
	s.takeOpened()
	generation := x.Generation()
	wantSummary(t, bringIn(t, x, s, index.IngestOptions{}), index.Summary{Held: 10, Complete: true})
	if len(s.takeOpened()) != 1 {
		t.Error("it was not asked again")
	}
	if rows, _, err := x.Files(t.Context(), index.FilesOptions{}); err != nil || len(rows) != 1 || x.Generation() < generation {
		t.Errorf("rows %v, %v", rows, err)
	}
	s.put("window", numbered(0, 12))
	wantSummary(t, bringIn(t, x, s, index.IngestOptions{}), index.Summary{Files: 1, Events: 2, Held: 12, Complete: true})
}

func TestChangedFileBecomesANewVersion(t *testing.T) {
	s := newShelf("logs")
	s.put("a.json", numbered(0, 5))
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{})
	// 0 is gone, 1 and 2 are as before, 3 says otherwise, 4 is as before, 5 is new
	s.put("a.json", records(record(1, ""), record(2, ""), record(3, `,"errorCode":"AccessDenied"`), record(4, ""), record(5, "")))
	wantSummary(t, bringIn(t, x, s, index.IngestOptions{}),
		index.Summary{Files: 1, Events: 2, Held: 7, Conflicts: 1, Complete: true})
	rows, total, err := x.Files(t.Context(), index.FilesOptions{})
	if err != nil || total != 2 {
		t.Fatalf("%d rows, %v", total, err)
	}
	if rows[0].Version != 2 || rows[0].State != index.StateHeld || rows[1].Version != 1 || rows[1].State != index.StateChanged {
		t.Errorf("rows %+v", rows)
	}
	st, err := x.Stats()
	if err != nil || st.Duplicates != 0 || st.Documents != 10 {
		t.Errorf("stats %+v, %v", st, err)
	}
}

func TestFailedFileIsNamedAndAskedAgain(t *testing.T) {
	s := newShelf("logs")
	s.put("a", numbered(0, 3))
	s.put("b", numbered(3, 6))
	s.put("c", numbered(6, 9))
	s.change("b", func(f *shelfFile) {
		f.fail = &source.Error{Thing: "b", Reason: "access denied", Hint: "allow it", Err: fs.ErrPermission}
	})
	s.change("c", func(f *shelfFile) { f.failAt = 400 })
	x := newIndex(t, s)
	sum := bringIn(t, x, s, index.IngestOptions{})
	wantSummary(t, sum, index.Summary{Files: 1, Events: 3, Held: 3, SkippedFiles: 2, Complete: true})
	if diff := gocmp.Diff([]string{"allow it"}, sum.Hints); diff != "" {
		t.Error(diff)
	}
	slices.SortFunc(sum.Problems, func(a, b index.FileProblem) int { return strings.Compare(a.File, b.File) })
	if diff := gocmp.Diff([]index.FileProblem{{"b", "access denied"}, {"c", "connection reset"}}, sum.Problems); diff != "" {
		t.Error(diff)
	}
	s.change("b", func(f *shelfFile) { f.fail = nil })
	s.change("c", func(f *shelfFile) { f.failAt = 0 })
	wantSummary(t, bringIn(t, x, s, index.IngestOptions{}), index.Summary{Files: 2, Events: 6, Held: 9, Complete: true})
	if _, total, err := x.Files(t.Context(), index.FilesOptions{States: []index.FileState{index.StateFailed}}); err != nil || total != 0 {
		t.Errorf("%d failed files left, %v", total, err)
	}
}

func TestHeldFileThatCannotBeReadAgainStays(t *testing.T) {
	s := newShelf("logs")
	s.put("a", numbered(0, 3))
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{})
	s.put("a", numbered(0, 4))
	s.change("a", func(f *shelfFile) { f.fail = errCable })
	wantSummary(t, bringIn(t, x, s, index.IngestOptions{}), index.Summary{Held: 3, SkippedFiles: 1, Complete: true})
	s.change("a", func(f *shelfFile) { f.fail = nil })
	wantSummary(t, bringIn(t, x, s, index.IngestOptions{}), index.Summary{Files: 1, Events: 1, Held: 4, Complete: true})
}

func TestOtherFilesAreCountedByKind(t *testing.T) {
	s := newShelf("logs")
	s.put("a", numbered(0, 3))
	s.put("flow", []byte("version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK\n"))
	s.put("digest", []byte(`{"awsAccountId":"111111111111","digestStartTime":"2026-07-01T00:00:00Z","digestEndTime":"2026-07-01T01:00:00Z","digestS3Bucket":"b","digestS3Object":"k","logFiles":[]}`))
	x := newIndex(t, s)
	sum := bringIn(t, x, s, index.IngestOptions{})
	if sum.IgnoredFiles != 1 || len(sum.Ignored) != 1 || sum.DigestFiles != 1 || sum.Files != 1 || len(sum.Problems) != 0 {
		t.Errorf("summary %+v", sum)
	}
	s.takeOpened()
	bringIn(t, x, s, index.IngestOptions{})
	if opened := s.takeOpened(); opened != nil {
		t.Errorf("opened again: %v", opened)
	}
}

func TestThingsThatAreNoLogFilesAreIgnoredAndOthersNamed(t *testing.T) {
	s := newShelf("logs")
	s.put("a", numbered(0, 3))
	for _, key := range []string{".git", "pipe", "locked"} {
		s.put(key, nil)
	}
	hidden := &source.Error{Thing: ".git", Reason: "hidden folder", Err: source.ErrIgnored}
	s.change(".git", func(f *shelfFile) { f.unlisted = hidden })
	s.change("pipe", func(f *shelfFile) {
		f.unlisted = &source.Error{Thing: "pipe", Reason: "a pipe", Err: source.ErrIgnored}
	})
	s.change("locked", func(f *shelfFile) { f.unlisted = errCable })
	sum := bringIn(t, newIndex(t, s), s, index.IngestOptions{})
	if diff := gocmp.Diff(map[string]int{"hidden folder": 1, "a pipe": 1}, sum.Ignored); diff != "" || sum.IgnoredFiles != 2 {
		t.Errorf("%d ignored, by kind (-want +got):\n%s", sum.IgnoredFiles, diff)
	}
	want := []index.FileProblem{{File: "locked", Reason: errCable.Error()}}
	if diff := gocmp.Diff(want, sum.Problems); diff != "" || sum.SkippedFiles != 1 || sum.Files != 1 {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestPlaceThatCannotBeListedIsAnError(t *testing.T) {
	s := newShelf("logs")
	s.put("a", numbered(0, 3))
	s.broken = errCable
	x := newIndex(t, s)
	sum, err := x.Ingest(t.Context(), s, index.IngestOptions{})
	if !errors.Is(err, errCable) || sum.Complete || sum.Held != 3 {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestCancelKeepsWholeFiles(t *testing.T) {
	s := newShelf("logs")
	for i := range 40 {
		s.put(fmt.Sprintf("%02d", i), numbered(10*i, 10*i+10))
	}
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	s.onOpen = func(string) {
		if n++; n == 15 {
			cancel()
		}
	}
	x := newIndex(t, s)
	sum, err := x.Ingest(ctx, s, index.IngestOptions{Workers: 1})
	if !errors.Is(err, context.Canceled) || sum.Complete {
		t.Fatalf("%+v, %v", sum, err)
	}
	if sum.Files != 14 || sum.Held != 140 {
		t.Errorf("%d files and %d events stay, want 14 and 140", sum.Files, sum.Held)
	}
	s.onOpen = nil
	wantSummary(t, bringIn(t, x, s, index.IngestOptions{}), index.Summary{Files: 26, Events: 260, Held: 400, Complete: true})
}

// A lastByte is a place whose log file calls atEnd when it is read to its end.
type lastByte struct {
	*shelf
	key   string
	atEnd func()
}

func (l lastByte) Open(ctx context.Context, f source.File) (*source.Object, error) {
	obj, err := l.shelf.Open(ctx, f)
	if err == nil && f.Key == l.key {
		obj.Body = io.NopCloser(io.MultiReader(obj.Body, callAtEnd(l.atEnd)))
	}
	return obj, err
}

type callAtEnd func()

func (c callAtEnd) Read([]byte) (int, error) {
	c()
	return 0, io.EOF
}

// A cancel between the last byte of a log file and its row leaves none of its documents behind.
func TestCancelAtTheLastByte(t *testing.T) {
	s := newShelf("logs")
	for i := range 5 {
		s.put(fmt.Sprintf("%02d", i), numbered(10*i, 10*i+10))
	}
	ctx, cancel := context.WithCancel(t.Context())
	x := newIndex(t, s)
	sum, err := x.Ingest(ctx, lastByte{s, "03", cancel}, index.IngestOptions{Workers: 1})
	if !errors.Is(err, context.Canceled) || sum.Files != 3 || sum.Held != 30 {
		t.Fatalf("%+v, %v", sum, err)
	}
	verify(t, x)
	wantSummary(t, bringIn(t, x, s, index.IngestOptions{}), index.Summary{Files: 2, Events: 20, Held: 50, Complete: true})
	verify(t, x)
}

func TestProgressCountsUp(t *testing.T) {
	s := newShelf("logs")
	for i := range 30 {
		s.put(fmt.Sprintf("%02d", i), numbered(10*i, 10*i+10))
	}
	x := newIndex(t, s)
	var last index.Progress
	bringIn(t, x, s, index.IngestOptions{Progress: func(p index.Progress) {
		if p.Events < last.Events || p.Done < last.Done || p.Generation < last.Generation {
			t.Errorf("progress goes back: %+v after %+v", p, last)
		}
		last = p
	}})
	want := index.Progress{
		Place: "./logs", Phase: index.PhaseDone, Listed: 30, Done: 30, ListingDone: true, Events: 300, EventsHeld: 300,
		Generation: x.Generation(),
	}
	ignore := cmpopts.IgnoreFields(index.Progress{}, "Elapsed", "BytesCompressed", "BytesTotal", "Bytes")
	if diff := gocmp.Diff(want, last, ignore); diff != "" {
		t.Error(diff)
	}
	if last.BytesCompressed != last.BytesTotal || last.Bytes != last.BytesTotal {
		t.Errorf("bytes %d of %d, %d uncompressed", last.BytesCompressed, last.BytesTotal, last.Bytes)
	}
}
