package source

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// isUTF16 tells text in UTF-16 by its byte order mark, as PowerShell writes what is redirected to a file.
func isUTF16(head []byte) bool {
	return bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff})
}

// A utf16Reader gives UTF-16 as UTF-8, without the byte order mark. What is no character becomes U+FFFD.
type utf16Reader struct {
	r     *bufio.Reader
	order binary.ByteOrder
	ready []byte // not given yet
	buf   [utf8.UTFMax]byte
	next  rune // read ahead, -1 for none
}

func newUTF16Reader(content io.Reader, head []byte) *utf16Reader {
	u := &utf16Reader{r: bufio.NewReaderSize(content, 64<<10), order: binary.BigEndian, next: -1}
	if head[0] == 0xff {
		u.order = binary.LittleEndian
	}
	_, _ = u.r.Discard(2) // the head is there
	return u
}

func (u *utf16Reader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(u.ready) > 0 {
			k := copy(p[n:], u.ready)
			n, u.ready = n+k, u.ready[k:]
			continue
		}
		if k := u.ascii(p[n:]); k > 0 {
			n += k
			continue
		}
		if n > 0 && u.r.Buffered() < 4 {
			return n, nil
		}
		r, err := u.rune()
		if err != nil {
			return n, err
		}
		u.ready = utf8.AppendRune(u.buf[:0], r)
	}
	return n, nil
}

// ascii gives the ASCII characters that come next, as far as they are read: nearly all of a log file.
func (u *utf16Reader) ascii(p []byte) (n int) {
	if u.next >= 0 {
		return 0
	}
	ahead, _ := u.r.Peek(u.r.Buffered()) // they are there
	low, high := 1, 0
	if u.order == binary.LittleEndian {
		low, high = 0, 1
	}
	for n < len(p) && 2*n+1 < len(ahead) && ahead[2*n+high] == 0 && ahead[2*n+low] < utf8.RuneSelf {
		p[n] = ahead[2*n+low]
		n++
	}
	_, _ = u.r.Discard(2 * n) // they are there
	return n
}

// unit is the next 16 bits. Half of them at the end is no character.
func (u *utf16Reader) unit() (rune, error) {
	if r := u.next; r >= 0 {
		u.next = -1
		return r, nil
	}
	var two [2]byte
	switch n, err := io.ReadFull(u.r, two[:]); {
	case n == 1:
		return utf8.RuneError, nil
	case err != nil:
		return 0, err
	}
	return rune(u.order.Uint16(two[:])), nil
}

func (u *utf16Reader) rune() (rune, error) {
	r, err := u.unit()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	low, err := u.unit()
	if err != nil {
		return utf8.RuneError, nil //nolint:nilerr // it comes again with the next character
	}
	if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
		return pair, nil
	}
	u.next = low
	return utf8.RuneError, nil
}
