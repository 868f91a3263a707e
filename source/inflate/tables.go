package inflate

// lengthOrder is the order in which the lengths of the code for lengths come, RFC 1951 section 3.2.7.
var lengthOrder = [...]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// What symbols mean, as entries without bits. They are never written to.
var (
	literalMeaning  = literalMeanings()
	distanceMeaning = distanceMeanings()
	lengthMeaning   = lengthMeanings()
)

// literalMeanings is the first table of RFC 1951 section 3.2.5.
func literalMeanings() (m [literalSymbols]uint32) {
	for s := range uint32(endSymbol) {
		m[s] = isLiteral | s<<valueShift
	}
	m[endSymbol] = isStop | isEnd
	base := uint32(3)
	for s := uint32(257); s < 285; s++ {
		extra := uint32(0)
		if s >= 265 {
			extra = (s - 261) / 4
		}
		m[s] = base<<valueShift | extra<<extraShift
		base += 1 << extra
	}
	m[285] = 258 << valueShift
	m[286] = isStop | isInvalid
	m[287] = isStop | isInvalid
	return m
}

// distanceMeanings is the second table of RFC 1951 section 3.2.5.
func distanceMeanings() (m [distanceSymbols]uint32) {
	base := uint32(1)
	for s := range uint32(30) {
		extra := uint32(0)
		if s >= 4 {
			extra = s/2 - 1
		}
		m[s] = base<<valueShift | extra<<extraShift
		base += 1 << extra
	}
	m[30] = isStop | isInvalid
	m[31] = isStop | isInvalid
	return m
}

func lengthMeanings() (m [len(lengthOrder)]uint32) {
	for s := range m {
		m[s] = uint32(s) << valueShift
	}
	return m
}

// useFixed takes the codes of RFC 1951 section 3.2.6.
func (z *Reader) useFixed() {
	if z.fixed == nil {
		z.fixed = z.fixedCodes()
	}
	z.codes = z.fixed
}

func (z *Reader) fixedCodes() *codes {
	var lengths [literalSymbols]uint8
	for s := range lengths {
		switch {
		case s < 144:
			lengths[s] = 8
		case s < 256:
			lengths[s] = 9
		case s < 280:
			lengths[s] = 7
		default:
			lengths[s] = 8
		}
	}
	c := new(codes)
	c.literalMin, _ = z.builder.build(c.literal[:], literalBits, lengths[:], literalMeaning[:])
	z.builder.pair(&c.literal)
	for s := range distanceSymbols {
		lengths[s] = 5
	}
	c.distanceMin, _ = z.builder.build(c.distance[:], distanceBits, lengths[:distanceSymbols], distanceMeaning[:])
	return c
}

// readCodes reads the codes of a block that brings its own.
func (z *Reader) readCodes() error {
	v, ok := z.take(5 + 5 + 4)
	if !ok {
		return z.cut()
	}
	literals, distances, given := int(v&31)+257, int(v>>5&31)+1, int(v>>10)+4
	if literals > literalSymbols-2 || distances > distanceSymbols-2 {
		return z.corrupt()
	}
	var lengths [len(lengthOrder)]uint8
	for _, s := range lengthOrder[:given] {
		l, ok := z.take(3)
		if !ok {
			return z.cut()
		}
		lengths[s] = uint8(l)
	}
	var table [1 << lengthBits]uint32
	least, ok := z.builder.build(table[:], lengthBits, lengths[:], lengthMeaning[:])
	if !ok {
		return z.corrupt()
	}
	var all [literalSymbols + distanceSymbols]uint8
	if err := z.readLengths(all[:literals+distances], table[:], least); err != nil {
		return err
	}
	return z.useDynamic(all[:literals], all[literals:literals+distances])
}

// readLengths reads the lengths of a block's codes, themselves coded.
func (z *Reader) readLengths(lengths []uint8, table []uint32, least uint) error {
	for i := 0; i < len(lengths); {
		e, err := z.symbolOf(table, lengthBits, least)
		if err != nil {
			return err
		}
		s := uint8(e >> valueShift)
		if s < 16 {
			lengths[i] = s
			i++
			continue
		}
		if s == 16 && i == 0 {
			return z.corrupt()
		}
		rule := repeats[s-16]
		extra, ok := z.take(rule.bits)
		if !ok {
			return z.cut()
		}
		end := i + rule.base + int(extra)
		if end > len(lengths) {
			return z.corrupt()
		}
		var l uint8
		if s == 16 {
			l = lengths[i-1]
		}
		for ; i < end; i++ {
			lengths[i] = l
		}
	}
	return nil
}

// repeats is how often symbols 16, 17 and 18 of the code for lengths repeat one.
var repeats = [...]struct {
	bits uint
	base int
}{{2, 3}, {3, 3}, {7, 11}}

func (z *Reader) useDynamic(literals, distances []uint8) error {
	if z.dynamic == nil {
		z.dynamic = new(codes)
	}
	z.codes = z.dynamic
	var ok bool
	z.dynamic.distanceMin, ok = z.builder.build(z.dynamic.distance[:], distanceBits, distances, distanceMeaning[:])
	if !ok {
		return z.corrupt()
	}
	least, ok := z.builder.build(z.dynamic.literal[:], literalBits, literals, literalMeaning[:])
	if !ok {
		return z.corrupt()
	}
	z.builder.pair(&z.dynamic.literal)
	z.dynamic.literalMin = max(least, uint(literals[endSymbol]))
	return nil
}
