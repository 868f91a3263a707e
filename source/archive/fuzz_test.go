package archive_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/archive"
	"github.com/trailsift/trailsift/source/sourcetest"
)

// FuzzArchive reads whatever looks like an archive: it does not panic or hang, keys are unique and lead nowhere, a member
// gives no more than its limit, and what is listed opens or is named as damaged.
func FuzzArchive(f *testing.F) {
	files := map[string][]byte{"AWSLogs/a.json.gz": sourcetest.Log(1), "b.json": []byte(`{"Records":[]}`), "c/d": bytes.Repeat([]byte("x"), 600)}
	for _, pack := range kinds {
		data := pack(f, files)
		f.Add(data)
		f.Add(data[:len(data)*2/3])
	}
	l := archive.Limits{Members: 100, Ratio: 50, Free: 1 << 16, Spool: 1 << 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := archive.NewStream(bytes.NewReader(data), archive.Limits{})
		a := archive.OfLimits(s, l)
		seen := map[string]bool{}
		for file, err := range a.List(t.Context()) {
			if err != nil {
				continue
			}
			if seen[file.Key] || strings.Contains("/"+file.Key+"/", "/../") {
				t.Errorf("key %q, seen before %v", file.Key, seen[file.Key])
			}
			seen[file.Key] = true
			obj, err := a.Open(t.Context(), file)
			if e, ok := errors.AsType[*source.Error](err); ok && strings.HasPrefix(e.Reason, "damaged: ") {
				continue
			}
			if err != nil {
				t.Fatalf("%q: %v", file.Key, err)
			}
			n, err := io.Copy(io.Discard, obj.Body)
			if err != nil && !errors.As(err, new(source.Damage)) {
				t.Errorf("%q: %v", file.Key, err)
			}
			if most := max(1<<20, 50*int64(len(data))); n > most {
				t.Errorf("%q gives %d bytes", file.Key, n)
			}
			if err := obj.Body.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := errors.Join(a.Close(), s.Close()); err != nil {
			t.Error(err)
		}
	})
}
