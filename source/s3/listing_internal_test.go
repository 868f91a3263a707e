package s3

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
)

func TestListingGivesBackWhatItTook(t *testing.T) {
	want := []source.File{
		{Key: "a/b", SizeBytes: 1, ETag: "x", ModTime: time.Unix(1, 5).UTC()},
		{Key: "a/c", SizeBytes: 1 << 40},
		{Key: "a", SizeBytes: -1, ETag: "y\x00"},
		{Key: "\u202e", SizeBytes: 9, ModTime: time.Unix(-1, 0).UTC()},
	}
	l := &listing{}
	for _, f := range want {
		l.add(f, nil)
	}
	bad := errors.New("bad")
	l.add(source.File{Key: "z"}, bad)
	var got []source.File
	for f, err := range l.list(t.Context(), &limits{}) {
		if err != nil {
			if f.Key != "z" || !errors.Is(err, bad) {
				t.Errorf("%q: %v", f.Key, err)
			}
			continue
		}
		got = append(got, f)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-added +listed):\n%s", diff)
	}
}

func TestListingIsBounded(t *testing.T) {
	l := &listing{}
	n := 0
	for ; !l.full && n < 1e6; n++ {
		l.add(source.File{
			Key:  fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/111122223333_CloudTrail_us-east-1_20261120T%04dZ_%016d.json.gz", n%1440, n*7919),
			ETag: fmt.Sprintf("%032x", n), SizeBytes: int64(n), ModTime: time.Unix(int64(1763600000+n), 0),
		}, nil)
	}
	if n < 300_000 || n > 1e6-1 || len(l.packed) != 0 {
		t.Errorf("full after %d log files, %d bytes held", n, len(l.packed))
	}
}
