package main

import (
	"fmt"
	"slices"
	"time"
)

// A step is what one key did.
type step struct {
	first   time.Duration // to the first byte
	rows    time.Duration // to a list that is another; of a key that leaves the list alone the first byte
	settled time.Duration // to the last byte before it was quiet
	burst   int           // bytes of the first frame
	bytes   int           // bytes of all that came of it
}

const (
	calm  = 220 * time.Millisecond // longer than a rest of the cursor and what follows it
	frame = 25 * time.Millisecond  // three frames: what comes later is another one
)

// press types a key and measures what comes of it until it is quiet.
func (s *screen) press(key string) step {
	before := s.list()
	began := s.reset()
	s.keys(key)
	var st step
	for time.Since(began) < patience {
		w := s.written()
		if st.rows == 0 && len(w) > 0 && s.list() != before {
			st.rows = time.Since(began)
		}
		if last := began; len(w) > 0 {
			last = w[len(w)-1].at
			if time.Since(last) > calm {
				break
			}
		} else if time.Since(last) > 2*calm {
			break // the key does nothing here
		}
		time.Sleep(500 * time.Microsecond)
	}
	return st.of(s.written(), began)
}

func (st step) of(writes []write, began time.Time) step {
	st.bytes = total(writes)
	for i, w := range writes {
		if i == 0 {
			st.first = w.at.Sub(began)
		}
		if w.at.Sub(writes[0].at) < frame {
			st.burst += w.bytes
		}
		st.settled = w.at.Sub(began)
	}
	if st.rows == 0 {
		st.rows = st.first
	}
	return st
}

// press each of some keys in turn, n keys in all.
func (s *screen) run(n int, keys ...string) []step {
	var all []step
	for i := range n {
		all = append(all, s.press(keys[i%len(keys)]))
	}
	return all
}

// pick is one figure of each step.
func pick[T any](steps []step, of func(step) T) []T {
	out := make([]T, len(steps))
	for i, s := range steps {
		out[i] = of(s)
	}
	return out
}

func first(s step) time.Duration   { return s.first }
func rows(s step) time.Duration    { return s.rows }
func settled(s step) time.Duration { return s.settled }
func burst(s step) int             { return s.burst }

// percentile is the value that p of a hundred are not above.
func percentile[T int | float64 | time.Duration](values []T, p int) T {
	if len(values) == 0 {
		return 0
	}
	v := slices.Sorted(slices.Values(values))
	return v[min((len(v)*p+99)/100, len(v))-1]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
