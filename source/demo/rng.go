package demo

import (
	"math/bits"
	"math/rand/v2"
)

// A rng draws from PCG-DXSM with integer arithmetic alone: the same bytes on every machine, where fused floating point
// would not be. Its draws are written out here because only the generator, not the methods of rand.Rand, is fixed.
type rng struct{ src rand.PCG }

// newRNG gives the stream that belongs to the seed and the path of numbers.
func newRNG(seed uint64, path ...uint64) rng {
	h := mix(seed)
	for _, p := range path {
		h = mix(h ^ mix(p+0x9e3779b97f4a7c15))
	}
	var r rng
	r.src.Seed(h, mix(h+1))
	return r
}

// n draws from [0, limit); limit must be positive.
func (r *rng) n(limit int) int {
	hi, _ := bits.Mul64(r.src.Uint64(), uint64(limit))
	return int(hi)
}

// between draws from [low, high].
func (r *rng) between(low, high int) int { return low + r.n(high-low+1) }

// skewed draws from [0, limit) with small numbers much more often: P(k) ~ (H(limit)-H(k))/limit.
func (r *rng) skewed(limit int) int { return r.n(r.n(limit) + 1) }

// perMille is true in p of 1,000 cases.
func (r *rng) perMille(p int) bool { return r.n(1000) < p }

// mix is the finalizer of SplitMix64: a bijection that spreads every bit.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// hash joins numbers to one; order matters.
func hash(parts ...uint64) uint64 {
	h := uint64(0x243f6a8885a308d3)
	for _, p := range parts {
		h = mix(h*0x9e3779b97f4a7c15 + p + 1)
	}
	return h
}

// hashText is FNV-1a, mixed.
func hashText(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mix(h)
}

// pickerSlots is the resolution of a picker: a weight below 1/16384 of the sum may never be drawn.
const pickerSlots = 1 << 14

// A picker draws indexes by weight with one look-up. 2 bytes a slot.
type picker []uint16

func newPicker(weights []int) picker {
	total := 0
	for _, w := range weights {
		total += w
	}
	if total == 0 {
		return nil
	}
	p := make(picker, pickerSlots)
	item, reached := 0, weights[0]
	for slot := range p {
		for at := slot*total + total/2; at >= reached*pickerSlots; {
			item++
			reached += weights[item]
		}
		p[slot] = uint16(item)
	}
	return p
}

func (p picker) pick(r *rng) int { return int(p[r.src.Uint64()>>(64-14)]) }
