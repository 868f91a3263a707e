package archive

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// The directory of a zip (APPNOTE.TXT 4.3.12 to 4.3.16). It is read as a stream: archive/zip holds some 700 bytes for each
// member, and a directory may have a million of them.
const (
	entryMagic      = "PK\x01\x02"
	entryBytes      = 46
	endMagic        = "PK\x05\x06"
	endBytes        = 22
	end64Magic      = "PK\x06\x06"
	end64Bytes      = 56
	locatorMagic    = "PK\x06\x07"
	locatorBytes    = 20
	maxCommentBytes = 64 << 10
)

var errDirectory = errors.New("not a directory of a zip")

// A zipEnd is what the record at the end says of the directory.
type zipEnd struct {
	at      int64 // of the directory
	size    int64
	entries uint64 // modulo 65,536 where narrow
	narrow  bool
	base    int64 // what offsets in the directory are counted from: where bytes stand before the archive
}

// end finds the record at the end.
func (z *zipReading) end() (e zipEnd, err error) {
	tail := make([]byte, min(z.size, endBytes+maxCommentBytes))
	from := z.size - int64(len(tail))
	if n, err := z.at.ReadAt(tail, from); n < len(tail) {
		return e, err
	}
	le := binary.LittleEndian
	i := len(tail) - endBytes
	for ; i >= 0; i-- {
		if string(tail[i:i+4]) == endMagic && i+endBytes+int(le.Uint16(tail[i+20:])) <= len(tail) {
			break
		}
	}
	if i < 0 {
		return e, errDirectory
	}
	h, at := tail[i:], from+int64(i)
	e = zipEnd{entries: uint64(le.Uint16(h[10:])), size: int64(le.Uint32(h[12:])), at: int64(le.Uint32(h[16:])), narrow: true}
	if e.entries == 1<<16-1 || e.size == 1<<32-1 || e.at == 1<<32-1 {
		if wide, recordAt, ok := z.end64(at); ok {
			e, at = wide, recordAt
		}
	}
	return z.based(e, at)
}

// based works out where the directory is, whose end is at an offset, and what is counted from where: bytes may stand before
// the archive, counted or not.
func (z *zipReading) based(e zipEnd, at int64) (zipEnd, error) {
	told := e.at
	if e.size < 0 || e.size > at {
		return e, errDirectory
	}
	if e.at = at - e.size; e.size >= entryBytes && !z.is(entryMagic, e.at) {
		e.at = told // something stands between the directory and its end
	}
	var first [entryBytes]byte
	if n, _ := z.at.ReadAt(first[:], e.at); n < len(first) || e.at < 0 || e.at > z.size-e.size {
		if e.entries > 0 {
			return e, errDirectory
		}
		return e, nil
	}
	member := int64(binary.LittleEndian.Uint32(first[42:]))
	if base := e.at - told; base > 0 && z.is(localMagic, base+member) {
		e.base = base
	}
	return e, nil
}

// is tells whether bytes stand at an offset.
func (z *zipReading) is(magic string, at int64) bool {
	var h [4]byte
	n, _ := z.at.ReadAt(h[:], at)
	return n == len(h) && string(h[:]) == magic
}

// end64 reads the record of zip64 by its locator, which stands before the record at an offset.
func (z *zipReading) end64(before int64) (e zipEnd, at int64, ok bool) {
	var l [locatorBytes]byte
	var h [end64Bytes]byte
	le := binary.LittleEndian
	if n, _ := z.at.ReadAt(l[:], before-locatorBytes); before < locatorBytes || n < len(l) || string(l[:4]) != locatorMagic {
		return e, 0, false
	}
	at = int64(le.Uint64(l[8:]))
	if n, _ := z.at.ReadAt(h[:], at); at < 0 || n < len(h) || string(h[:4]) != end64Magic {
		return e, 0, false
	}
	return zipEnd{entries: le.Uint64(h[32:]), size: int64(le.Uint64(h[40:])), at: int64(le.Uint64(h[48:]))}, at, true
}

// directory takes the members that the directory tells of.
func (z *zipReading) directory() error {
	e, err := z.end()
	if err != nil {
		return err
	}
	z.base = e.base
	if e.entries <= uint64(e.size/entryBytes) {
		z.members = make([]member, 0, min(int(e.entries), z.limits.Members))
	}
	r := bufio.NewReaderSize(io.NewSectionReader(z.at, e.at, e.size), 64<<10)
	var read uint64
	for {
		if err := z.ctx.Err(); err != nil {
			return err
		}
		f, at, err := nextEntry(r)
		switch {
		case errors.Is(err, io.EOF) && (read == e.entries || e.narrow && uint16(read) == uint16(e.entries)):
			return nil
		case err != nil:
			return fmt.Errorf("%w: entry %d of %d: %w", errDirectory, read+1, e.entries, err)
		}
		read++
		if full := z.entry(f, z.base+at, false); full {
			return nil
		}
	}
}

// nextEntry reads an entry of the directory; at is where it says that the member's own header is.
func nextEntry(r *bufio.Reader) (f *zip.FileHeader, at int64, err error) {
	h, err := r.Peek(entryBytes)
	switch {
	case len(h) < 4 || !bytes.HasPrefix(h, []byte(entryMagic)):
		return nil, 0, io.EOF // a signature may follow the entries, as may anything
	case err != nil:
		return nil, 0, io.ErrUnexpectedEOF
	}
	le := binary.LittleEndian
	f = &zip.FileHeader{
		CreatorVersion: le.Uint16(h[4:]), Flags: le.Uint16(h[8:]), Method: le.Uint16(h[10:]), CRC32: le.Uint32(h[16:]),
		CompressedSize64: uint64(le.Uint32(h[20:])), UncompressedSize64: uint64(le.Uint32(h[24:])), ExternalAttrs: le.Uint32(h[38:]),
		Modified: dosTime(le.Uint16(h[14:]), le.Uint16(h[12:])),
	}
	nameLength, extraLength, commentLength := int(le.Uint16(h[28:])), int(le.Uint16(h[30:])), int(le.Uint16(h[32:]))
	at = int64(le.Uint32(h[42:]))
	_, _ = r.Discard(entryBytes) // it was peeked
	text := make([]byte, nameLength+extraLength)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, 0, io.ErrUnexpectedEOF
	}
	if _, err := r.Discard(commentLength); err != nil {
		return nil, 0, io.ErrUnexpectedEOF
	}
	f.Name = string(text[:nameLength])
	return f, extras(f, at, text[nameLength:]), nil
}

// Extra fields (APPNOTE.TXT 4.5, Info-ZIP's appnote).
const (
	extraZip64 = 1
	extraNTFS  = 0x000a
	extraTime  = 0x5455
	extraUnix  = 0x5855
)

// extras takes sizes, the offset and the time from extra fields, where they say more.
func extras(f *zip.FileHeader, at int64, extra []byte) int64 {
	le := binary.LittleEndian
	for len(extra) >= 4 {
		id, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		if extra = extra[4:]; n > len(extra) {
			break
		}
		field := extra[:n]
		extra = extra[n:]
		switch {
		case id == extraZip64:
			at = wide(f, at, field)
		case id == extraTime && n >= 5 && field[0]&1 != 0:
			f.Modified = time.Unix(int64(int32(le.Uint32(field[1:]))), 0)
		case id == extraUnix && n >= 8:
			f.Modified = time.Unix(int64(int32(le.Uint32(field[4:]))), 0)
		case id == extraNTFS && n >= 32 && le.Uint16(field[4:]) == 1:
			const ticks, until1970 = 1e7, 11644473600 // 100 ns since 1601
			f.Modified = time.Unix(int64(le.Uint64(field[8:])/ticks)-until1970, 0)
		}
	}
	return at
}

// wide takes the values that do not fit 32 bits: only those are there, in this order.
func wide(f *zip.FileHeader, at int64, field []byte) int64 {
	take := func(have uint64) uint64 {
		if have != 1<<32-1 || len(field) < 8 {
			return have
		}
		v := binary.LittleEndian.Uint64(field)
		field = field[8:]
		return v
	}
	f.UncompressedSize64 = take(f.UncompressedSize64)
	f.CompressedSize64 = take(f.CompressedSize64)
	return int64(take(uint64(at)))
}
