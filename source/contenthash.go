package source

import (
	"crypto/sha256"
	"hash"
	"io"
)

// A ContentHash is what was found inside one log file as stored, for the digests that name it. Nothing of it says whether
// that is authentic.
type ContentHash struct {
	Sum      [sha256.Size]byte // of the uncompressed bytes of the first gzip member
	Size     int64             // of these
	First    byte              // of these
	Plain    bool              // it is not gzip
	Trailing bool              // bytes follow the first member
	Damage   string            // what is wrong with the gzip frame, in words; "" for a sound one
}

// A contentTap hashes what an input gives. It tells only of files in which nothing is odd: one sound gzip member with
// nothing behind it, or plain text.
type contentTap struct {
	on    bool
	hash  hash.Hash
	found ContentHash
	whole bool // all of the content was given, and nothing follows
}

func (t *contentTap) reset(plain bool) {
	if !t.on {
		return
	}
	if t.hash == nil {
		t.hash = sha256.New()
	}
	t.hash.Reset()
	t.found, t.whole = ContentHash{Plain: plain}, false
}

func (t *contentTap) write(p []byte) {
	if !t.on || len(p) == 0 {
		return
	}
	if t.found.Size == 0 {
		t.found.First = p[0]
	}
	t.found.Size += int64(len(p))
	t.hash.Write(p)
}

// content is what was found; false where something was odd, or the content was not read to its end.
func (t *contentTap) content() (ContentHash, bool) {
	if !t.on || !t.whole || t.found.Plain && t.found.Size == 0 {
		return ContentHash{}, false
	}
	t.hash.Sum(t.found.Sum[:0])
	return t.found, true
}

// HashContent says whether the content of the log files that are decoded from now on is hashed on the way: it costs some
// two fifths of inflating.
func (d *Decoder) HashContent(on bool) { d.impl.in.tap.on = on }

// ContentHash is what was found in the log file last decoded, the same as reading it for itself would find. It is false
// unless HashContent was on, and for a file in which anything is odd (damage, bytes behind its end, several gzip members,
// nothing at all): such a file is to be looked at for itself.
func (d *Decoder) ContentHash() (ContentHash, bool) { return d.impl.in.tap.content() }

// HashContent reads the bytes of a log file as stored for what Decoder.ContentHash would tell.
func HashContent(stored io.Reader) (ContentHash, bool) {
	var in input
	in.tap.on = true
	if in.reset(stored) != nil {
		return ContentHash{}, false
	}
	_, err := io.Copy(io.Discard, &in)
	found, ok := in.tap.content()
	return found, ok && err == nil
}
