package digest_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"iter"
	"maps"
	"slices"

	"github.com/trailsift/trailsift/source"
)

// A memory is a place in memory: a bucket with metadata, or a folder without.
type memory struct {
	bucket  string
	remote  bool
	objects map[string]stored
	fail    map[string]error // of Open
}

type stored struct {
	body []byte
	meta map[string]string
}

func (m *memory) Place() source.Place {
	if m.bucket == "" {
		return source.Place{Text: "folder", ID: "file:/folder", Remote: m.remote}
	}
	return source.Place{Text: "s3://" + m.bucket, ID: "s3:/aws/" + m.bucket + "/", Remote: m.remote}
}

func (m *memory) List(context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		for _, key := range slices.Backward(slices.Sorted(maps.Keys(m.objects))) {
			if n := len(m.objects[key].body); n > 0 && !yield(source.File{Key: key, SizeBytes: int64(n)}, nil) {
				return
			}
		}
	}
}

func (m *memory) Open(ctx context.Context, f source.File) (*source.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := m.fail[f.Key]; err != nil {
		return nil, err
	}
	o, ok := m.objects[f.Key]
	if !ok {
		return nil, &source.Error{Thing: f.Key, Reason: "not there", Err: fs.ErrNotExist}
	}
	return &source.Object{Body: io.NopCloser(bytes.NewReader(o.body)), Meta: o.meta}, nil
}
