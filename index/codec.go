package index

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"math"
	"slices"
)

var errShort = errors.New("value is too short")

// seal appends a checksum to a value: CRC-32C, 4 bytes.
func seal(value []byte) []byte {
	return binary.LittleEndian.AppendUint32(value, crc32.Checksum(value, castagnoli))
}

var errChecksum = errors.New("its checksum does not fit")

// unseal checks and removes what seal appended.
func unseal(value []byte) ([]byte, error) {
	n := len(value) - 4
	if n < 0 {
		return nil, errShort
	}
	if crc32.Checksum(value[:n], castagnoli) != binary.LittleEndian.Uint32(value[n:]) {
		return nil, errChecksum
	}
	return value[:n:n], nil
}

// A reader takes small binary values apart. After the first value that is not there all are zero and err is set.
type reader struct {
	b   []byte
	err error
}

func (r *reader) uint64() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.b, r.err = nil, errShort
		return 0
	}
	r.b = r.b[n:]
	return v
}

// int is a length or a count: never negative, never above 2^31.
func (r *reader) int() int {
	v := r.uint64()
	if v > math.MaxInt32 {
		r.b, r.err = nil, errShort
		return 0
	}
	return int(v)
}

func (r *reader) int64() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.b, r.err = nil, errShort
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) uint32() uint32 {
	b := r.bytes(4)
	if len(b) < 4 {
		return 0
	}
	return binary.LittleEndian.Uint32(b)
}

// bytes are the next n; they point into the value.
func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.b, r.err = nil, errShort
		return nil
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) text() string { return string(r.bytes(r.int())) }

func appendText(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

// appendMeta encodes what a place keeps beside the bytes, in order of name.
func appendMeta(dst []byte, meta map[string]string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(meta)))
	for _, name := range slices.Sorted(maps.Keys(meta)) {
		dst = appendText(appendText(dst, name), meta[name])
	}
	return dst
}

// meta reads what appendMeta wrote; nil where there is none.
func (r *reader) meta() (meta map[string]string) {
	for n := r.int(); n > 0 && r.err == nil; n-- {
		if meta == nil {
			meta = map[string]string{}
		}
		name := r.text()
		meta[name] = r.text()
	}
	return meta
}
