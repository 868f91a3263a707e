package index

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/trailsift/trailsift/source"
)

// TestStretches holds what is read at once to its laws, for spans as logs have them and for those of a damaged index.
func TestStretches(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	for range 2000 {
		spans := randomSpans(rng)
		for at := 0; at < len(spans); {
			n, part := stretchOf(spans[at:])
			if n < 1 || n > len(spans)-at {
				t.Fatalf("%d of %d spans", n, len(spans)-at)
			}
			checkStretch(t, spans[at:at+n], part)
			at += n
			if at < len(spans) && sound(part) && spans[at].Offset >= part.Offset && spans[at].Offset < part.Offset+part.Length &&
				sound(spans[at].Span) {
				t.Fatalf("%+v begins inside %+v, and is not read with it", spans[at], part)
			}
		}
	}
}

func randomSpans(rng *rand.Rand) []recordSpan {
	var spans []recordSpan
	offset := int64(0)
	for range 1 + rng.IntN(300) {
		s := source.Span{Offset: offset, Length: rng.Int64N(4000)}
		switch rng.IntN(200) {
		case 0:
			s.Length = -rng.Int64N(9)
		case 1:
			s.Length = math.MaxInt64 - rng.Int64N(9)
		case 2:
			s.Offset = -rng.Int64()
		case 3:
			s.Length = 2 * stretchBytes
		}
		spans = append(spans, recordSpan{Span: s})
		if rng.IntN(10) > 0 { // else the next overlaps
			offset += max(0, s.Length%(4*stretchBytes)) + rng.Int64N(2*stretchGap)
		}
	}
	return spans
}

func checkStretch(t *testing.T, spans []recordSpan, part source.Span) {
	t.Helper()
	if len(spans) == 1 {
		if part != spans[0].Span {
			t.Fatalf("%+v for %+v", part, spans[0])
		}
		return
	}
	apart, end := int64(0), spans[0].Offset // spans that do not overlap
	for _, s := range spans {
		if !sound(s.Span) || s.Offset < part.Offset || s.Offset+s.Length > part.Offset+part.Length {
			t.Fatalf("%+v is not in %+v", s, part)
		}
		if s.Offset > end && s.Offset-end > stretchGap {
			t.Fatalf("%d bytes before %+v", s.Offset-end, s)
		}
		end = max(end, s.Offset+s.Length)
		apart = max(apart, s.Length)
	}
	overlap := slices.ContainsFunc(spans[1:], func(s recordSpan) bool { return s.Offset < spans[0].Offset+spans[0].Length })
	if end != part.Offset+part.Length || part.Length > stretchBytes+apart && !overlap {
		t.Fatalf("%d spans in %+v, of at most %d bytes", len(spans), part, apart)
	}
}
