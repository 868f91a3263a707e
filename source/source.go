// Package source brings CloudTrail log files to the index: where they lie, how to open one, and what is in it.
//
// The words. A place is where events are (a folder, a bucket, Event history of some Regions). A log file is one object
// of a place: a key, and bytes as stored. A record is one CloudTrail event inside a log file, kept as delivered; an
// [Event] is a record with the values of the fields we use.
//
// Bytes flow one way: a [Source] lists log files and opens one, [Decoder] turns the bytes into events. Whatever is
// common to all places (resume, progress, provenance, integrity) is written once, above this package.
package source

import (
	"context"
	"io"
	"iter"
	"time"
)

// A Source lists the log files of one place and opens one; nothing more.
//
// Promises every implementation keeps (sourcetest.Conformance checks them):
//   - Place does no I/O and always answers the same.
//   - List yields each log file once. It begins with the newest as far as that is known cheaply, and it yields while it
//     is still listing. A thing that could not be listed is yielded as (File{Key: thing}, err) and listing goes on;
//     (File{}, err) means the place itself could not be read and is the last value. A cancelled context ends it.
//   - List yields what may hold records or digests; directory markers and empty objects are left out.
//   - Open may be called from many goroutines, also while List runs. It gives the bytes as stored, never decompressed.
//     A source retries what is worth a retry itself: an error is final for this run, and names the key.
//   - A cancelled context makes Open and reads of its body return soon with the context's error.
//   - A source never changes anything in its place.
type Source interface {
	Place() Place
	List(ctx context.Context) iter.Seq2[File, error]
	Open(ctx context.Context, f File) (*Object, error)
}

// A Place says where events are.
type Place struct {
	// Text is the place as a person writes it: "./logs", "s3://bucket/prefix", "history:us-east-1".
	Text string
	// ID is its identity: equal for two spellings of one place. "file:/abs/path", "s3:ENDPOINT/PARTITION/BUCKET/PREFIX",
	// "history:ENDPOINT/PARTITION/ACCOUNT/REGIONS", "demo:SEED/EVENTS".
	ID string
	// Remote is true where a log file may be gone or slow to reach tomorrow; the index then keeps its bytes as delivered.
	Remote bool
}

// A File is one log file, as listed.
type File struct {
	// Key names the log file within its place, slash-separated and never empty: the object key, or the path below the
	// place. It is text from outside: escape before showing.
	Key string
	// SizeBytes is the size as stored, -1 where it is not known before opening.
	SizeBytes int64
	// ETag is the entity tag where the place has one, else "".
	ETag string
	// ModTime is the last modification, zero where unknown.
	ModTime time.Time
	// Volatile is true while the content may still grow (a window of Event history that ended less than 30 minutes
	// ago): it is asked for again each time.
	Volatile bool
	// Fleeting is true where the bytes are costly to reach again, or gone tomorrow, though the place is not remote (a
	// member of an archive, standard input): the index keeps them as delivered.
	Fleeting bool
}

// Delivered is when the log file was delivered: the time in its key, else the modification time, else zero.
func (f File) Delivered() time.Time {
	if k, ok := ParseKey(f.Key); ok && !k.Time.IsZero() {
		return k.Time
	}
	return f.ModTime
}

// An Object is an opened log file.
type Object struct {
	Body io.ReadCloser
	// Meta is what the place keeps beside the bytes that later proof needs (S3 user metadata such as
	// "x-amz-meta-signature"); nil where there is none.
	Meta map[string]string
}

// An Error says what happened to which thing and what to do about it, in words for people.
type Error struct {
	Thing  string // the place, key or operation; text from outside, escape before showing
	Reason string // lower case, no period: "access denied: s3:ListBucket on the bucket"
	Hint   string // what to do; may be empty
	Err    error  // cause for errors.Is; may be nil
}

func (e *Error) Error() string {
	if e.Thing == "" {
		return e.Reason
	}
	return e.Thing + ": " + e.Reason
}

func (e *Error) Unwrap() error { return e.Err }
