package inflate

// kind is what a block holds.
type kind uint8

const (
	between kind = iota // the next bits are a block's header
	stored
	coded
)

// block is where in a member's DEFLATE blocks decoding stands.
type block struct {
	kind  kind
	final bool
	ended bool // the final block was read
	left  int  // bytes of a stored block still to come
	// What is left of a match that the output had no room for.
	length, distance int

	codes   *codes // of the block
	dynamic *codes // made when first needed
	fixed   *codes // likewise
	builder builder
}

func (b *block) begin() {
	b.kind, b.final, b.ended, b.left, b.length, b.distance = between, false, false, 0, 0, 0
}

// decode puts content into out[n:] until it is full, the member ends or err is set. history is what came before out[0].
// It returns what n became. What is behind that may have been written to.
func (z *Reader) decode(out []byte, n int, history []byte) int {
	for n < len(out) && !z.ended && z.err == nil {
		switch z.kind {
		case between:
			z.err = z.next()
		case stored:
			n = z.raw(out, n)
		case coded:
			n = z.matches(out, n, history)
		}
	}
	return n
}

// next reads a block's header.
func (z *Reader) next() error {
	v, ok := z.take(3)
	if !ok {
		return z.cut()
	}
	z.final = v&1 != 0
	switch v >> 1 {
	case 0:
		return z.storedHeader()
	case 1:
		z.useFixed()
	case 2:
		if err := z.readCodes(); err != nil {
			return err
		}
	default:
		return z.corrupt()
	}
	z.kind = coded
	return nil
}

func (z *Reader) storedHeader() error {
	z.align()
	v, ok := z.take(32)
	if !ok {
		return z.cut()
	}
	if uint16(v) != ^uint16(v>>16) {
		return z.corrupt()
	}
	z.left = int(v & 0xffff)
	z.kind = stored
	if z.left == 0 {
		z.endBlock()
	}
	return nil
}

func (z *Reader) endBlock() {
	z.kind = between
	z.ended = z.final
}

// raw copies from a stored block.
func (z *Reader) raw(out []byte, n int) int {
	z.align()
	if z.pos == len(z.in) && !z.more() {
		z.err = z.cut()
		return n
	}
	k := copy(out[n:], z.in[z.pos:min(len(z.in), z.pos+z.left)])
	z.pos += k
	if z.left -= k; z.left == 0 {
		z.endBlock()
	}
	return n + k
}

// matches decodes from a block with codes.
func (z *Reader) matches(out []byte, n int, history []byte) int {
	for {
		if z.length > 0 {
			n = z.repeat(out, n, history)
		}
		if n == len(out) {
			return n
		}
		if len(z.in)-z.pos < fastInput {
			z.more()
		}
		n = z.fast(out, n, history)
		if n == len(out) {
			return n
		}
		n = z.symbol(out, n, len(history))
		if z.kind != coded || z.err != nil {
			return n
		}
	}
}

// symbol decodes one symbol where there is room for at least one byte: a literal is put into out, a match into length and
// distance.
func (z *Reader) symbol(out []byte, n, before int) int {
	e, err := z.symbolOf(z.codes.literal[:], literalBits, z.codes.literalMin)
	switch {
	case err != nil:
		z.err = err
		return n
	case e&isLiteral != 0:
		out[n] = byte(e >> valueShift)
		return n + 1
	case e&isEnd != 0:
		z.endBlock()
		return n
	}
	length, ok := z.value(e)
	if !ok {
		z.err = z.cut()
		return n
	}
	if e, err = z.symbolOf(z.codes.distance[:], distanceBits, z.codes.distanceMin); err != nil {
		z.err = err
		return n
	}
	distance, ok := z.value(e)
	if !ok {
		z.err = z.cut()
		return n
	}
	if distance > n+before {
		z.err = z.corrupt()
		return n
	}
	z.length, z.distance = length, distance
	return n
}

// symbolOf decodes a symbol, of which every one in the table has at least least bits: with fewer, it is not tried.
func (z *Reader) symbolOf(table []uint32, width, least uint) (uint32, error) {
	for n := least; ; {
		if !z.need(n) {
			return 0, z.cut()
		}
		e := lookUp(table, width, z.buf)
		if n = uint(e & bitsMask); n > z.n {
			continue
		}
		z.drop(n)
		if e&isInvalid != 0 {
			return 0, z.corrupt()
		}
		return e, nil
	}
}

// value is an entry's length or distance, with the extra bits that follow it.
func (z *Reader) value(e uint32) (int, bool) {
	extra, ok := z.take(uint(e >> extraShift & extraMask))
	return int(e>>valueShift) + int(extra), ok
}

// repeat copies a match, as far as there is room. A match may reach into what it copies itself.
func (z *Reader) repeat(out []byte, n int, history []byte) int {
	for z.length > 0 && n < len(out) {
		to := out[n:min(len(out), n+z.length)]
		var k int
		if from := n - z.distance; from >= 0 {
			k = copy(to, out[from:n])
		} else {
			k = copy(to, history[len(history)+from:])
		}
		n += k
		z.length -= k
	}
	return n
}
