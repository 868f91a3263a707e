package source

import (
	"io"
	"iter"
)

// Content says what a log file turned out to be.
type Content uint8

const (
	// ContentEvents is CloudTrail records (perhaps none).
	ContentEvents Content = iota
	// ContentDigest is a digest file; no events.
	ContentDigest
	// ContentOther is recognisably something else; Stats.Other names it ("VPC flow logs", "S3 notification", "PDF").
	ContentOther
)

// Stats says what became of one log file.
type Stats struct {
	Content Content
	Other   string
	// Events were yielded; Salvaged of them came from a file that is not valid JSON.
	// Salvaged is either 0 or Events: damage is often found when records before it were yielded already, so whoever keeps
	// Flags sets the flag on all records of such a file at its end.
	Events, Salvaged int
	// Skipped records could not be used; Problems names them, the first 20 with byte offset and reason.
	Skipped  int
	Problems []Problem
	// Bytes is the uncompressed size.
	Bytes int64
	// Damage says why the file as a whole is not sound ("gzip: unexpected end after 1,203 bytes", "not valid JSON at
	// byte 8,120"); empty where it is.
	Damage string
}

// A Problem is one thing that could not be read, with where and why.
type Problem struct {
	Offset int64 // in the uncompressed content, -1 where there is no place
	Reason string
}

// A Decoder turns the bytes of log files into events in one forward pass. It holds buffers that are reused from file to
// file; it is not safe for concurrent use, so every worker has its own.
type Decoder struct {
	stats Stats
	impl  decoderState
}

// Events yields the records of one log file. r gives the bytes as stored: gzip, zstd, bzip2 and
// whatever else docs/shapes.md tells is recognised by content.
// Each *Event and everything it points to is valid until the loop goes on. One bad record, or damage to the file, never
// ends it: whole records before and after the damage are yielded, those after it marked Salvaged (see Stats for those
// before). Afterwards Stats tells what became of the file. A read error of r other than damage (network, context) is in
// Err and ends the loop. r is read to its end unless the loop is left, or the file is something else by its first bytes.
func (d *Decoder) Events(r io.Reader) iter.Seq[*Event] {
	return func(yield func(*Event) bool) {
		d.begin(r, yield)
		d.file()
		d.finish()
	}
}

// Stats is about the log file last decoded.
func (d *Decoder) Stats() Stats { return d.stats }

// Err is the read error that ended the last decoding early, else nil.
func (d *Decoder) Err() error { return d.impl.err }
