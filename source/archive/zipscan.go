package archive

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// The fixed part of a local header of a zip, and of the descriptor that may follow a member (APPNOTE.TXT 4.3.7, 4.3.9).
const (
	localBytes      = 30
	descriptorBytes = 16
	descriptorFlag  = 8
	scanBytes       = 64 << 10
)

var (
	localMagic      = []byte("PK\x03\x04")
	descriptorMagic = []byte("PK\x07\x08")
)

// scan lists a zip whose directory cannot be read by the headers that stand before each member. Its time is that of
// reading the archive once.
func (z *zipReading) scan() ([]zipSpan, error) {
	var spans []zipSpan
	for at := int64(0); len(spans) <= z.limits.Members; {
		at = z.find(localMagic, at, func(int64) bool { return true })
		if err := z.ctx.Err(); at < 0 || err != nil {
			return spans, err
		}
		f, data, ok := z.local(at)
		if !ok {
			at += int64(len(localMagic))
			continue
		}
		cut := data+int64(f.CompressedSize64) > z.size
		if f.Flags&descriptorFlag != 0 && f.CompressedSize64 == 0 {
			cut = !z.describe(f, data)
		}
		if cut {
			f.CompressedSize64, f.UncompressedSize64 = uint64(max(z.size-data, 0)), 0
		}
		at = data + int64(f.CompressedSize64)
		s, ok := z.checked(f, data, cut)
		if ok && s.packed > 0 {
			spans = append(spans, s)
		}
	}
	return spans, nil
}

// local reads the header at an offset; data is where the member's bytes begin.
func (z *zipReading) local(at int64) (f *zip.File, data int64, ok bool) {
	var h [localBytes]byte
	if n, _ := z.at.ReadAt(h[:], at); n < localBytes {
		return nil, 0, false
	}
	le := binary.LittleEndian
	names := make([]byte, int(le.Uint16(h[26:]))+int(le.Uint16(h[28:])))
	if n, _ := z.at.ReadAt(names, at+localBytes); n < len(names) {
		return nil, 0, false
	}
	name, extra := names[:le.Uint16(h[26:])], names[le.Uint16(h[26:]):]
	f = &zip.File{FileHeader: zip.FileHeader{
		Name: string(name), Flags: le.Uint16(h[6:]), Method: le.Uint16(h[8:]), CRC32: le.Uint32(h[14:]),
		CompressedSize64: uint64(le.Uint32(h[18:])), UncompressedSize64: uint64(le.Uint32(h[22:])),
		Modified: dosTime(le.Uint16(h[12:]), le.Uint16(h[10:])),
	}}
	zip64(f, extra)
	return f, at + localBytes + int64(len(names)), f.CompressedSize64 < 1<<62
}

// zip64 takes the sizes that do not fit 32 bits from the extra field 1.
func zip64(f *zip.File, extra []byte) {
	le := binary.LittleEndian
	for len(extra) >= 4 {
		id, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		if extra = extra[4:]; n > len(extra) {
			return
		}
		if id == 1 && n >= 16 && f.CompressedSize64 == 1<<32-1 {
			f.UncompressedSize64, f.CompressedSize64 = le.Uint64(extra), le.Uint64(extra[8:])
		}
		extra = extra[n:]
	}
}

// describe takes size and checksum of a member from the descriptor behind it: the first one that has the right size.
func (z *zipReading) describe(f *zip.File, data int64) bool {
	var h [descriptorBytes + 8]byte
	le := binary.LittleEndian
	end := z.find(descriptorMagic, data, func(at int64) bool {
		n, _ := z.at.ReadAt(h[:], at)
		packed := uint64(at - data)
		switch {
		case n >= descriptorBytes && uint64(le.Uint32(h[8:])) == packed:
			f.UncompressedSize64 = uint64(le.Uint32(h[12:]))
		case n >= descriptorBytes+8 && le.Uint64(h[8:]) == packed:
			f.UncompressedSize64 = le.Uint64(h[16:])
		default:
			return false
		}
		f.CRC32, f.CompressedSize64 = le.Uint32(h[4:]), packed
		return true
	})
	return end >= 0
}

// find is the offset of the next place with these bytes that fits, from an offset on; -1 where there is none.
func (z *zipReading) find(magic []byte, from int64, fits func(at int64) bool) int64 {
	buf := make([]byte, scanBytes)
	for z.ctx.Err() == nil {
		n, err := z.at.ReadAt(buf, from)
		for at := 0; ; at++ {
			i := bytes.Index(buf[at:n], magic)
			if i < 0 {
				break
			}
			if at += i; fits(from + int64(at)) {
				return from + int64(at)
			}
		}
		if err != nil && err != io.EOF || n < len(buf) { //nolint:errorlint // a ReaderAt gives it as it is
			return -1
		}
		from += int64(n - len(magic) + 1)
	}
	return -1
}

// dosTime is the time of a local header, in UTC as nothing tells its zone.
func dosTime(date, clock uint16) time.Time {
	if date == 0 {
		return time.Time{}
	}
	return time.Date(1980+int(date>>9), time.Month(date>>5&15), int(date&31), int(clock>>11), int(clock>>5&63), int(clock&31)*2, 0, time.UTC)
}

// byHeaders lists the members that are found without the directory.
func (c *catalog) byHeaders(z *zipReading, cause error) error {
	spans, err := z.scan()
	if err != nil {
		return err
	}
	if len(spans) == 0 && len(c.problems) == 0 {
		return archiveError(c.key, "damaged: its directory, which stands at the end, cannot be read", cause)
	}
	c.problem(fmt.Sprintf("its directory, which stands at the end, is damaged or cut off: %d members were found by their own headers", len(spans)))
	z.takeAll(spans)
	return nil
}
