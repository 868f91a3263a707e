package inflate

import (
	"compress/gzip"
	"hash/crc32"
)

// Flags of a gzip header, RFC 1952 section 2.3.1. The others are let be, as compress/gzip does.
const (
	flagHeaderCRC = 1 << 1
	flagExtra     = 1 << 2
	flagName      = 1 << 3
	flagComment   = 1 << 4
)

// maxText is where compress/gzip gives up on a name or a comment.
const maxText = 512

// header reads a member's header and begins its content.
func (z *Reader) header() error {
	fixed := &z.scratch
	for i := range fixed {
		c, ok := z.take(8)
		switch {
		case ok:
			fixed[i] = byte(c)
		case i == 0:
			return z.srcErr // io.EOF: no further member
		default:
			return z.cut()
		}
	}
	if fixed[0] != 0x1f || fixed[1] != 0x8b || fixed[2] != 8 {
		return gzip.ErrHeader
	}
	flags := fixed[3]
	z.crc = crc32.ChecksumIEEE(fixed[:])
	if err := z.optional(flags); err != nil {
		return err
	}
	if flags&flagHeaderCRC != 0 {
		want := uint16(z.crc)
		if v, ok := z.take(16); !ok {
			return z.cut()
		} else if uint16(v) != want {
			return gzip.ErrHeader
		}
	}
	z.crc, z.size = 0, 0
	z.begin()
	z.fresh = true
	return nil
}

// optional passes over the parts of a header that need not be there.
func (z *Reader) optional(flags byte) error {
	if flags&flagExtra != 0 {
		low, _ := z.headerByte()
		high, err := z.headerByte()
		for n := int(low) | int(high)<<8; n > 0 && err == nil; n-- {
			_, err = z.headerByte()
		}
		if err != nil {
			return err
		}
	}
	for _, text := range []byte{flagName, flagComment} {
		if flags&text == 0 {
			continue
		}
		if err := z.text(); err != nil {
			return err
		}
	}
	return nil
}

// text passes over text that ends with a zero byte.
func (z *Reader) text() error {
	for range maxText {
		c, err := z.headerByte()
		if err != nil || c == 0 {
			return err
		}
	}
	return gzip.ErrHeader
}

func (z *Reader) headerByte() (byte, error) {
	c, ok := z.take(8)
	if !ok {
		return 0, z.cut()
	}
	z.scratch[0] = byte(c)
	z.crc = crc32.Update(z.crc, crc32.IEEETable, z.scratch[:1])
	return byte(c), nil
}
