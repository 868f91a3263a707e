package archive

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"time"
)

// The fixed part of a local header of a zip, and of the descriptor that may follow a member (APPNOTE.TXT 4.3.7, 4.3.9).
const (
	localBytes      = 30
	descriptorBytes = 16
	descriptorFlag  = 8
	scanBytes       = 192 << 10 // above a header with the longest names
)

const (
	localMagic      = "PK\x03\x04"
	descriptorMagic = "PK\x07\x08"
)

// scan takes the members of a zip whose directory cannot be read by the headers that stand before each. Its time is that
// of reading the archive once.
func (z *zipReading) scan() error {
	z.scanning = make([]byte, scanBytes)
	for at := int64(0); ; {
		at = z.find(localMagic, at, func(int64) bool { return true })
		if err := z.ctx.Err(); at < 0 || err != nil {
			return err
		}
		f, data, ok := z.local(at)
		if !ok {
			at += int64(len(localMagic))
			continue
		}
		cut := f.CompressedSize64 > uint64(z.size-data)
		if f.Flags&descriptorFlag != 0 && f.CompressedSize64 == 0 {
			cut = !z.describe(f, data)
		}
		if cut {
			f.CompressedSize64, f.UncompressedSize64 = uint64(max(z.size-data, 0)), 0
		}
		if f.CompressedSize64 > 0 && z.entry(f, at, cut) {
			return nil
		}
		at = data + int64(f.CompressedSize64)
	}
}

// local reads the header at an offset; data is where the member's bytes begin.
func (z *zipReading) local(at int64) (f *zip.FileHeader, data int64, ok bool) {
	h := z.ahead(at, localBytes)
	if len(h) < localBytes {
		return nil, 0, false
	}
	le := binary.LittleEndian
	length := localBytes + int(namesLength(h))
	if h = z.ahead(at, length); len(h) < length {
		return nil, 0, false
	}
	names := h[localBytes:length]
	name, extra := names[:le.Uint16(h[26:])], names[le.Uint16(h[26:]):]
	f = &zip.FileHeader{
		Name: string(name), Flags: le.Uint16(h[6:]), Method: le.Uint16(h[8:]), CRC32: le.Uint32(h[14:]),
		CompressedSize64: uint64(le.Uint32(h[18:])), UncompressedSize64: uint64(le.Uint32(h[22:])),
		Modified: dosTime(le.Uint16(h[12:]), le.Uint16(h[10:])),
	}
	extras(f, at, extra)
	return f, at + int64(length), f.CompressedSize64 < 1<<62
}

// describe takes size and checksum of a member from the descriptor behind it: the first one that has the right size.
func (z *zipReading) describe(f *zip.FileHeader, data int64) bool {
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
func (z *zipReading) find(magic string, from int64, fits func(at int64) bool) int64 {
	for z.ctx.Err() == nil {
		ahead := z.ahead(from, len(magic))
		if len(ahead) < len(magic) {
			return -1
		}
		for at := 0; ; at++ {
			i := bytes.Index(ahead[at:], []byte(magic))
			if i < 0 {
				break
			}
			if at += i; fits(from + int64(at)) {
				return from + int64(at)
			}
		}
		from += int64(len(ahead) - len(magic) + 1)
	}
	return -1
}

// ahead is what stands from an offset on: at least so many bytes, unless the archive ends before. Each part of the archive
// is read once as long as offsets grow, however close headers stand.
func (z *zipReading) ahead(from int64, least int) []byte {
	if have := z.scanned; from < z.scannedAt || from+int64(least) > z.scannedAt+int64(len(have)) {
		n, _ := z.at.ReadAt(z.scanning, from) // the end of what can be read is the end
		z.scanned, z.scannedAt = z.scanning[:n], from
	}
	return z.scanned[from-z.scannedAt:]
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
	if err := z.scan(); err != nil {
		return err
	}
	if len(c.members) == 0 && len(c.problems) == 0 {
		return archiveError(c.key, "damaged: its directory, which stands at the end, cannot be read", cause)
	}
	c.problem(fmt.Sprintf("its directory, which stands at the end, is damaged or cut off: %d members were found by their own headers", len(c.members)))
	z.settle()
	return z.ctx.Err()
}
