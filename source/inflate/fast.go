package inflate

import "encoding/binary"

const (
	fastInput  = 16                 // bytes of input that one turn of fast may look at
	fastOutput = 2*2 + 9*chunkBytes // bytes of output that one turn may write: two pairs and a match of 258 in whole chunks
	chunkBytes = 32                 // of a match that are copied at once
)

// fast decodes literals and matches while there is plenty of input and room, and stops before any other symbol. It does
// nothing that symbol and repeat would not do, only sooner. What made it so, on log files: the state is in variables; an
// entry may stand for two literals, and three entries are taken from one filling of the bit buffer, which loads 8 bytes
// whatever it lacks; matches are copied in steps of 32 bytes, and a bit further than they go.
//
// The bit buffer has at least 56 bits after it was filled. Three literal entries take 33 at most; a length and a distance
// 15 + 5 + 15 + 13. Above its n bits are some that belong there: filling again puts the same ones over them.
func (z *Reader) fast(out []byte, n int, history []byte) int {
	c := z.codes
	in, pos, buf, have := z.in, z.pos, z.buf, z.n
	inLimit, outLimit := len(in)-fastInput, len(out)-fastOutput
	for pos <= inLimit && n <= outLimit {
		buf |= binary.LittleEndian.Uint64(in[pos:pos+8]) << (have & 63)
		pos += int((63 - have) >> 3)
		have |= 56
		e := c.literal[buf&(1<<literalBits-1)]
		if e&isLiteral != 0 {
			// The second byte is of no meaning where the entry is no pair; it is written over.
			used := uint(e & bitsMask)
			binary.LittleEndian.PutUint16(out[n:n+2], uint16(e>>valueShift))
			n += 1 + int(e>>pairShift&1)
			buf >>= used
			have -= used
			e = c.literal[buf&(1<<literalBits-1)]
			if e&isLiteral != 0 {
				used := uint(e & bitsMask)
				binary.LittleEndian.PutUint16(out[n:n+2], uint16(e>>valueShift))
				n += 1 + int(e>>pairShift&1)
				buf >>= used
				have -= used
				e = c.literal[buf&(1<<literalBits-1)]
				if e&isLiteral != 0 {
					used := uint(e & bitsMask)
					binary.LittleEndian.PutUint16(out[n:n+2], uint16(e>>valueShift))
					n += 1 + int(e>>pairShift&1)
					buf >>= used
					have -= used
					continue
				}
			}
			buf |= binary.LittleEndian.Uint64(in[pos:pos+8]) << (have & 63)
			pos += int((63 - have) >> 3)
			have |= 56
		}
		if e&isStop != 0 {
			if e&isSub == 0 {
				break
			}
			e = c.literal[e>>valueShift+uint32(buf>>literalBits)&(1<<(e>>extraShift&extraMask)-1)]
			if e&isStop != 0 {
				break
			}
			if e&isLiteral != 0 {
				used := uint(e & bitsMask)
				out[n] = byte(e >> valueShift)
				n++
				buf >>= used
				have -= used
				continue
			}
		}

		// A match. It is not taken from buf before all of it is known to be sound.
		used := uint(e & bitsMask)
		rest := buf >> used
		extra := uint(e >> extraShift & extraMask)
		length := int(e>>valueShift) + int(rest&(1<<extra-1))
		rest >>= extra
		used += extra
		e = c.distance[rest&(1<<distanceBits-1)]
		if e&isStop != 0 {
			if e&isSub == 0 {
				break
			}
			e = c.distance[e>>valueShift+uint32(rest>>distanceBits)&(1<<(e>>extraShift&extraMask)-1)]
			if e&isStop != 0 {
				break
			}
		}
		bits := uint(e & bitsMask)
		rest >>= bits
		extra = uint(e >> extraShift & extraMask)
		distance := int(e>>valueShift) + int(rest&(1<<extra-1))
		if distance > n+len(history) {
			break
		}
		buf = rest >> extra
		have -= used + bits + extra

		from, end := n-distance, n+length
		switch {
		case from < 0:
			z.length, z.distance = length, distance
			n = z.repeat(out, n, history)
		case distance >= chunkBytes:
			for n < end {
				chunk := *(*[chunkBytes]byte)(out[from : from+chunkBytes])
				*(*[chunkBytes]byte)(out[n : n+chunkBytes]) = chunk
				n += chunkBytes
				from += chunkBytes
			}
			n = end
		default:
			for ; n < end; n++ {
				out[n] = out[from]
				from++
			}
		}
	}
	z.pos, z.buf, z.n = pos, buf&(1<<have-1), have
	return n
}
