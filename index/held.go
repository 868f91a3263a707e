package index

import (
	"bytes"
	"context"
	"crypto/sha256"
	"hash"
	"io"
	"io/fs"
	"iter"

	"github.com/trailsift/trailsift/source"
)

// A heldSource is what the store holds of a place: the newest version of each log file and digest.
type heldSource struct {
	x     *Index
	place source.Place
}

// HeldSource gives what the store holds of a place as a source, so that it can be verified without the place: files
// whose bytes are kept, with their metadata, and others through Options.Reopen, as long as they are what came in. Files of
// which nothing could be read are listed, and fail to open. The listing is in order of key.
func (x *Index) HeldSource(p source.Place) source.Source { return &heldSource{x, p} }

func (h *heldSource) Place() source.Place { return h.place }

// heldBatch is how many rows of the ledger are read in one transaction.
const heldBatch = 1024

func (h *heldSource) List(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		var after []byte // the ledger key read last
		for {
			rows, last, err := h.batch(after)
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(source.File{}, err)
				return
			}
			for _, r := range rows {
				if !yield(r.file(), nil) {
					return
				}
			}
			if after = last; last == nil {
				return
			}
		}
	}
}

// batch gives the newest versions among the next rows of the ledger; last is nil at its end.
func (h *heldSource) batch(after []byte) (rows []*ledgerRow, last []byte, err error) {
	err = h.x.view(func(v *storeView) error {
		no, known := v.snap.placeNumber(h.place.ID)
		if !known {
			return nil
		}
		prefix := key32(no)
		c := v.tx.Bucket(bucketFiles).Cursor()
		k, value := c.Seek(prefix)
		if after != nil {
			if k, value = c.Seek(after); bytes.Equal(k, after) {
				k, value = c.Next()
			}
		}
		for n := 0; bytes.HasPrefix(k, prefix); k, value = c.Next() {
			if n++; n > heldBatch {
				last = bytes.Clone(after)
				return nil
			}
			older := len(after) == len(k) && bytes.Equal(after[:len(k)-4], k[:len(k)-4])
			after = bytes.Clone(k)
			r, err := parseRow(k, value, v.snap.places)
			if err != nil {
				return h.x.damaged(err)
			}
			if !older && r.State != StateIgnored {
				rows = append(rows, r)
			}
		}
		return nil
	})
	return rows, last, err
}

// file is a version of a log file as a listing would show it.
func (r *ledgerRow) file() source.File {
	return source.File{Key: r.Key, SizeBytes: r.Size, ETag: r.ETag, ModTime: nanoTime(r.modTime)}
}

func (h *heldSource) Open(ctx context.Context, f source.File) (*source.Object, error) {
	var row *ledgerRow
	err := h.x.view(func(v *storeView) (err error) {
		if no, known := v.snap.placeNumber(h.place.ID); known {
			row, err = newestRow(v.tx, v.snap.places, no, f.Key)
		}
		return err
	})
	switch {
	case err != nil:
		return nil, &source.Error{Thing: f.Key, Reason: "the index is damaged", Err: err}
	case row == nil:
		return nil, &source.Error{Thing: f.Key, Reason: "it is not held", Err: fs.ErrNotExist}
	case row.State == StateFailed:
		return nil, &source.Error{Thing: f.Key, Reason: "it could not be read when it was brought in: " + row.Reason}
	case row.keep&keepDelivered != 0:
		return &source.Object{Body: &keptBody{ctx: ctx, x: h.x, no: row.no}, Meta: row.Meta}, nil
	case h.x.opt.Reopen == nil:
		return nil, &source.Error{Thing: f.Key, Reason: errNoReopen.Error(), Err: errNoReopen}
	}
	body, err := readableFile{row, h.place}.open(ctx, h.x.opt.Reopen)
	if err != nil {
		return nil, err
	}
	return &source.Object{Body: &sameBody{ReadCloser: body, key: f.Key, want: row.SHA256, sum: sha256.New()}, Meta: row.Meta}, nil
}

// lies is where a log file is to be looked for first.
func (f readableFile) lies() location {
	if f.at != nil {
		return *f.at
	}
	return location{f.place, f.Key}
}

// open opens a log file that is referred to: where it was found again, else in its place.
func (f readableFile) open(ctx context.Context, reopen reopenFunc) (io.ReadCloser, error) {
	at := f.lies()
	body, err := reopen(ctx, at.place, at.key)
	if err == nil || f.at == nil {
		return body, err
	}
	if body, back := reopen(ctx, f.place, f.Key); back == nil {
		return body, nil
	}
	return nil, err
}

// A reopenFunc is Options.Reopen.
type reopenFunc = func(ctx context.Context, p source.Place, key string) (io.ReadCloser, error)

// A keptBody reads the kept bytes of a log file, a chunk in each transaction.
type keptBody struct {
	ctx  context.Context
	x    *Index
	no   uint32
	n    uint32
	rest []byte
	end  bool
}

func (b *keptBody) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if len(b.rest) == 0 && !b.end {
		err := b.x.view(func(v *storeView) error {
			b.rest = bytes.Clone(v.tx.Bucket(bucketKept).Get(keptKey(b.no, keptDelivered, b.n)))
			return nil
		})
		if err != nil {
			return 0, err
		}
		b.n++
		b.end = len(b.rest) == 0
	}
	if b.end {
		return 0, io.EOF
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

func (b *keptBody) Close() error {
	b.end, b.rest = true, nil
	return nil
}

// A sameBody reads a log file again and fails at its end where it is not what came in.
type sameBody struct {
	io.ReadCloser
	key  string
	want [sha256.Size]byte
	sum  hash.Hash
}

func (b *sameBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.sum.Write(p[:n])
	if err == io.EOF && [sha256.Size]byte(b.sum.Sum(nil)) != b.want {
		return n, &source.Error{Thing: b.key, Reason: "it has changed since it was brought in", Err: errChanged}
	}
	return n, err
}
