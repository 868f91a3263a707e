package s3

import (
	"context"
	"encoding/binary"
	"iter"
	"time"

	"github.com/trailsift/trailsift/source"
)

// keptBytes is what a listing may take in memory: a log file takes some 100 bytes.
const keptBytes = 32 << 20

// A listing is log files in the order they were found, packed: of each key only what the one before does not begin with.
type listing struct {
	packed []byte
	faults []fault
	size   int // of the faults, about
	full   bool
	last   string
}

// add appends a log file or a fault; beyond keptBytes the listing is full and of no use.
func (l *listing) add(f source.File, err error) {
	switch {
	case l.full:
	case err != nil:
		l.faults = append(l.faults, fault{f.Key, err})
		l.size += 2*len(f.Key) + 200
	default:
		shared := 0
		for shared < min(len(l.last), len(f.Key)) && l.last[shared] == f.Key[shared] {
			shared++
		}
		l.packed = binary.AppendUvarint(l.packed, uint64(shared))
		l.packed = appendText(l.packed, f.Key[shared:])
		l.packed = appendText(l.packed, f.ETag)
		l.packed = binary.AppendVarint(l.packed, f.SizeBytes)
		l.packed = binary.AppendVarint(l.packed, f.ModTime.Unix())
		l.packed = binary.AppendVarint(l.packed, int64(f.ModTime.Nanosecond()))
		l.last = f.Key
	}
	if len(l.packed)+l.size > keptBytes {
		*l = listing{full: true}
	}
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// list gives what is wanted again: the log files, then the faults.
func (l *listing) list(ctx context.Context, want *limits) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		rest := l.packed
		for last := ""; len(rest) > 0; {
			if err := ctx.Err(); err != nil {
				yield(source.File{}, err)
				return
			}
			var f source.File
			f, rest = unpack(rest, last)
			last = f.Key
			if want.wantsKey(f.Key) && !yield(f, nil) {
				return
			}
		}
		for _, bad := range l.faults {
			if !yield(source.File{Key: bad.key}, bad.err) {
				return
			}
		}
	}
}

func unpack(b []byte, last string) (f source.File, rest []byte) {
	shared, n := binary.Uvarint(b)
	key, b := cutText(b[n:])
	f.Key = last[:shared] + key
	f.ETag, b = cutText(b)
	var sec, nano int64
	for _, v := range []*int64{&f.SizeBytes, &sec, &nano} {
		*v, n = binary.Varint(b)
		b = b[n:]
	}
	f.ModTime = time.Unix(sec, nano).UTC()
	return f, b
}

func cutText(b []byte) (s string, rest []byte) {
	size, n := binary.Uvarint(b)
	b = b[n:]
	return string(b[:size]), b[size:]
}
