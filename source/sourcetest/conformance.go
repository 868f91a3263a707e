// Package sourcetest holds what tests of sources share: the conformance suite that every source.Source passes, and
// small local servers that answer as S3, Event history and STS do.
package sourcetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
)

// Conformance checks every promise of source.Source for a source that open makes of the given files (key to bytes as
// stored). Empty ones are there to be left out. open is called several times, each time for a new place.
func Conformance(t *testing.T, open func(t *testing.T, files map[string][]byte) source.Source) {
	t.Helper()
	files := Tree()
	want := maps.Clone(files)
	maps.DeleteFunc(want, func(_ string, b []byte) bool { return len(b) == 0 })
	Check(t, func(t *testing.T) (source.Source, map[string][]byte) {
		t.Helper()
		return open(t, files), want
	})
	t.Run("a place without log files lists none", func(t *testing.T) {
		src := open(t, map[string][]byte{"AWSLogs/111122223333/CloudTrail/marker": {}})
		for f, err := range src.List(t.Context()) {
			t.Errorf("List yields %q, %v", f.Key, err)
		}
	})
}

// Check checks every promise of source.Source for a source whose log files are known: want maps key to bytes.
func Check(t *testing.T, open func(t *testing.T) (src source.Source, want map[string][]byte)) {
	t.Helper()
	for _, c := range []struct {
		name  string
		check func(t *testing.T, src source.Source, want map[string][]byte)
	}{
		{"place is always the same", checkPlace},
		{"lists each log file once, and the same again", checkList},
		{"begins with the newest", checkNewest},
		{"a listing may be left early", checkLeave},
		{"a cancelled context ends a listing", checkListCancel},
		{"opens as stored, from many goroutines", checkOpen},
		{"an unknown log file is an error that names it", checkMissing},
		{"a cancelled context ends opening and reading", checkOpenCancel},
	} {
		t.Run(c.name, func(t *testing.T) {
			src, want := open(t)
			c.check(t, src, want)
		})
	}
}

func checkPlace(t *testing.T, src source.Source, _ map[string][]byte) {
	t.Helper()
	p := src.Place()
	if p.Text == "" || p.ID == "" {
		t.Errorf("Place() = %+v, without text or identity", p)
	}
	if !strings.Contains(p.ID, ":") {
		t.Errorf("Place().ID = %q, without a scheme", p.ID)
	}
	if again := src.Place(); again != p {
		t.Errorf("Place() = %+v, then %+v", p, again)
	}
}

// List collects a listing that must be without errors.
func List(t *testing.T, src source.Source) []source.File {
	t.Helper()
	var files []source.File
	for f, err := range src.List(t.Context()) {
		if err != nil {
			t.Errorf("List: %q: %v", f.Key, err)
			continue
		}
		files = append(files, f)
	}
	return files
}

func checkList(t *testing.T, src source.Source, want map[string][]byte) {
	t.Helper()
	first := List(t, src)
	var keys []string
	for _, f := range first {
		keys = append(keys, f.Key)
		if f.SizeBytes >= 0 && f.SizeBytes != int64(len(want[f.Key])) {
			t.Errorf("%q: listed with %d bytes, has %d", f.Key, f.SizeBytes, len(want[f.Key]))
		}
	}
	slices.Sort(keys)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), keys); diff != "" {
		t.Errorf("keys listed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(byKey(first), byKey(List(t, src))); diff != "" {
		t.Errorf("listed again (-first +second):\n%s", diff)
	}
}

func byKey(files []source.File) map[string]source.File {
	m := make(map[string]source.File, len(files))
	for _, f := range files {
		m[f.Key] = f
	}
	return m
}

// checkNewest holds for keys that tell a time; other files may come at any place.
func checkNewest(t *testing.T, src source.Source, want map[string][]byte) {
	t.Helper()
	var newest time.Time
	for key := range want {
		if k, ok := source.ParseKey(key); ok && k.Time.After(newest) {
			newest = k.Time
		}
	}
	for _, f := range List(t, src) {
		k, ok := source.ParseKey(f.Key)
		if !ok || k.Time.IsZero() {
			continue
		}
		if !k.Time.Equal(newest) {
			t.Errorf("the first log file with a time is %q, the newest of all is of %v", f.Key, newest)
		}
		return
	}
}

func checkLeave(t *testing.T, src source.Source, want map[string][]byte) {
	t.Helper()
	for _, n := range []int{0, 1, len(want) / 2, len(want) - 1} {
		seen := 0
		for f, err := range src.List(t.Context()) {
			if err != nil {
				t.Errorf("List: %q: %v", f.Key, err)
			}
			if seen++; seen > n {
				break
			}
		}
	}
	if got := len(List(t, src)); got != len(want) {
		t.Errorf("after listings left early %d log files are listed, want %d", got, len(want))
	}
	waitFor(t, "goroutines of listings left early to end", func() bool { return leftBehind() == 0 })
}

// leftBehind counts goroutines that run code of a source while no test asks it anything.
func leftBehind() int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	n := 0
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		test := strings.Contains(stack, "testing.tRunner") || strings.Contains(stack, "trailsift/source/sourcetest.")
		if !test && strings.Contains(stack, "trailsift/source/") {
			n++
		}
	}
	return n
}

func checkListCancel(t *testing.T, src source.Source, want map[string][]byte) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for f, err := range src.List(ctx) {
		if err == nil {
			t.Fatalf("List with a cancelled context yields %q", f.Key)
		}
		if f.Key == "" && !errors.Is(err, context.Canceled) {
			t.Errorf("List with a cancelled context ends with %v", err)
		}
	}
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	var last error
	files := 0
	for _, err := range src.List(ctx) {
		cancel()
		last = err
		files++
	}
	if len(want) > 1 && files <= len(want) && !errors.Is(last, context.Canceled) {
		t.Errorf("a listing cancelled after the first file ends with %v after %d values", last, files)
	}
}

func checkOpen(t *testing.T, src source.Source, want map[string][]byte) {
	t.Helper()
	var wg sync.WaitGroup
	for range 2 {
		for f, err := range src.List(t.Context()) {
			if err != nil {
				t.Errorf("List: %v", err)
			}
			wg.Go(func() {
				if got, err := Read(t.Context(), src, f); err != nil {
					t.Errorf("%q: %v", f.Key, err)
				} else if !bytes.Equal(got, want[f.Key]) {
					t.Errorf("%q: %d bytes differ from the %d stored", f.Key, len(got), len(want[f.Key]))
				}
			})
		}
	}
	wg.Wait()
}

// Read opens a log file and reads it whole.
func Read(ctx context.Context, src source.Source, f source.File) ([]byte, error) {
	obj, err := src.Open(ctx, f)
	if err != nil {
		return nil, err
	}
	defer obj.Body.Close()
	return io.ReadAll(obj.Body)
}

func checkMissing(t *testing.T, src source.Source, want map[string][]byte) {
	t.Helper()
	for _, f := range List(t, src) {
		f.Key = strings.Replace(f.Key, "1", "0", 1) + "-gone"
		if _, known := want[f.Key]; known {
			continue
		}
		_, err := Read(t.Context(), src, f)
		if _, ok := errors.AsType[*source.Error](err); !ok {
			t.Fatalf("reading %q: %v, want a *source.Error", f.Key, err)
		}
		if !strings.Contains(err.Error(), f.Key) {
			t.Errorf("reading %q: the error does not name it: %v", f.Key, err)
		}
		return
	}
}

func checkOpenCancel(t *testing.T, src source.Source, _ map[string][]byte) {
	t.Helper()
	files := List(t, src)
	if len(files) == 0 {
		t.Fatal("no log file to open")
	}
	ctx, cancel := context.WithCancel(t.Context())
	obj, err := src.Open(ctx, files[0])
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	buf := make([]byte, 1)
	for range 1 << 20 { // what was buffered may still come
		if _, err = obj.Body.Read(buf); err != nil {
			break
		}
	}
	if !errors.Is(err, context.Canceled) && !errors.Is(err, io.EOF) {
		t.Errorf("read after cancel: %v", err)
	}
	if err := obj.Body.Close(); err != nil {
		t.Errorf("close after cancel: %v", err)
	}
	if _, err := src.Open(ctx, files[0]); !errors.Is(err, context.Canceled) {
		t.Errorf("open after cancel: %v", err)
	}
}

// waitFor waits for something other goroutines do.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("still waiting for %s", what)
		}
		runtime.Gosched()
		time.Sleep(time.Millisecond)
	}
}

// Tree is a small archive as "aws s3 sync" leaves it: two accounts, two Regions, digests, an old and a late file, names
// that are no CloudTrail keys and hostile ones, empty objects, bytes that are no gzip.
func Tree() map[string][]byte {
	files := map[string][]byte{
		"AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/empty.json.gz": {},
		"notes.txt":                             []byte("hello"),
		"a b+c%20/é=1&x/ö\u202e.json":           []byte(`{"Records":[]}`),
		"zz/truncated.json.gz":                  Log(7)[:40],
		"zz/flat_20200101T0000Z_x.json.gz":      Log(8),
		"AWSLogs/111122223333/CloudTrail/stray": []byte("x"),
	}
	n := 0
	for _, account := range []string{"111122223333", "444455556666"} {
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			for _, at := range []string{"20261120T1305Z", "20261120T0000Z", "20261119T2355Z", "20261031T1200Z", "20251231T2359Z"} {
				n++
				day := at[:4] + "/" + at[4:6] + "/" + at[6:8]
				files[fmt.Sprintf("AWSLogs/%[1]s/CloudTrail/%[2]s/%[3]s/%[1]s_CloudTrail_%[2]s_%[4]s_AbCdEfGhIjKlMn%02[5]d.json.gz",
					account, region, day, at, n)] = Log(n)
			}
			files[fmt.Sprintf("AWSLogs/%[1]s/CloudTrail-Digest/%[2]s/2026/11/20/%[1]s_CloudTrail-Digest_%[2]s_t_us-east-1_20261120T120000Z.json.gz",
				account, region)] = Log(100 + n)
		}
	}
	return files
}
