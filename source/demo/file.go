package demo

import (
	"slices"
)

// content appends the uncompressed content of a log file as it was first delivered.
func (d *Demo) content(dst []byte, f *file, p *pen) []byte {
	p.r = newRNG(f.content)
	p.actors = [3]actor{}
	times := p.spread(f)
	told := d.story.of(f)
	dst = append(dst, `{"Records":[`...)
	start, count := len(dst), 0
	p.oldest, p.newest = f.mark, 0
	for _, unix := range times {
		for len(told) > 0 && told[0].time <= unix {
			dst = append(separate(dst, start), told[0].text...)
			p.saw(told[0].time)
			told = told[1:]
		}
		if f.limit > 0 && count == f.limit {
			break
		}
		dst = p.event(separate(dst, start), f, unix)
		p.saw(unix)
		count++
	}
	for i := range told {
		dst = append(separate(dst, start), told[i].text...)
		p.saw(told[i].time)
	}
	return append(dst, "]}"...)
}

// saw notes the time of an event for the digest.
func (p *pen) saw(unix int64) { p.oldest, p.newest = min(p.oldest, unix), max(p.newest, unix) }

// separate appends a comma unless nothing was written yet.
func separate(dst []byte, start int) []byte {
	if len(dst) > start {
		return append(dst, ',')
	}
	return dst
}

// spread draws the times of a file's events: within five minutes that end at least a minute before the mark, nearly in
// order, about a tenth of the neighbours reversed.
func (p *pen) spread(f *file) []int64 {
	lag := int64(60 + p.r.skewed(200))
	last := f.written - lag
	length := int64(p.r.between(240, 300))
	if f.events >= 50 && p.r.perMille(15) {
		length = int64(p.r.between(8, 40)) // a burst
	}
	first := max(last-length, firstSecond)
	if f.group > 0 {
		first, last = p.d.story.window(f, first, last)
	}
	times := p.times[:0]
	for range f.events {
		times = append(times, first+int64(p.r.n(int(last-first+1))))
	}
	slices.Sort(times)
	for i := 1; i < len(times); i++ {
		if p.r.perMille(65) {
			j := max(0, i-1-p.r.n(8))
			times[i], times[j] = times[j], times[i]
		}
	}
	p.times = times
	return times
}
