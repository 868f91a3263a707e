package digest

import (
	"bytes"
	"compress/gzip"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source"
)

// hashed is what both ways to hash content on the way tell of a file: reading it alone, and decoding its events.
func hashed(t *testing.T, stored []byte) (c source.ContentHash, ok bool) {
	t.Helper()
	c, ok = source.HashContent(bytes.NewReader(stored))
	var d source.Decoder
	d.HashContent(true)
	for range d.Events(bytes.NewReader(stored)) {
	}
	decoded, whole := d.ContentHash()
	if whole && (!ok || decoded != c) {
		t.Fatalf("decoding gives %+v, reading alone %+v (%v), of %d bytes", decoded, c, ok, len(stored))
	}
	if ok && !whole && d.Stats().Content == source.ContentEvents {
		t.Fatalf("decoding gives nothing, reading alone %+v, of %d bytes", c, len(stored))
	}
	return c, ok
}

// TestContentHashedOnTheWayIsTheSame compares what hashing on the way tells of a file with what the verification itself
// would find. It may tell nothing where anything is odd, but never anything else.
func TestContentHashedOnTheWayIsTheSame(t *testing.T) {
	text := []byte(`{"Records":[` + strings.TrimSuffix(strings.Repeat(`{"eventVersion":"1.08","eventName":"A","eventTime":"2026-01-01T00:00:00Z"},`, 400), ",") + `]}`)
	packed := func(text []byte) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(text)
		z.Close()
		return b.Bytes()
	}
	sound := packed(text)
	files := map[string]struct {
		stored []byte
		told   bool
	}{
		"plain":         {text, true},
		"sound":         {sound, true},
		"plain, odd":    {[]byte("x"), true},
		"empty":         {nil, false},
		"empty content": {packed(nil), true},
		"two members":   {append(slices.Clone(sound), sound...), false},
		"zeros behind":  {append(slices.Clone(sound), 0, 0), false},
		"junk behind":   {append(slices.Clone(sound), "junk"...), false},
		"cut":           {sound[:len(sound)/2], false},
		"no trailer":    {sound[:len(sound)-8], false},
		"no CRC":        {slices.Concat(sound[:len(sound)-8], []byte{1, 2, 3, 4}, sound[len(sound)-4:]), false},
		"header only":   {sound[:10], false},
		"bad header":    {slices.Concat(sound[:2], []byte{9}, sound[3:]), false},
	}
	check := func(name string, stored []byte) bool {
		t.Helper()
		c, ok := hashed(t, stored)
		found := readContent(bytes.NewReader(stored), 0)
		want := source.ContentHash{Sum: found.sum, Size: found.size, First: found.first, Plain: found.plain, Trailing: found.trailing, Damage: found.damage}
		if ok && c != want {
			t.Fatalf("%s: %+v, the verification finds %+v", name, c, want)
		}
		return ok
	}
	for name, f := range files {
		if told := check(name, f.stored); told != f.told {
			t.Errorf("%s: told %v, want %v", name, told, f.told)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		stored := slices.Clone([][]byte{sound, text}[rng.IntN(2)])
		for range 1 + rng.IntN(3) {
			switch rng.IntN(3) {
			case 0:
				stored[rng.IntN(len(stored))] ^= 1 << rng.IntN(8)
			case 1:
				stored = stored[:1+rng.IntN(len(stored))]
			default:
				stored = append(stored, byte(rng.Uint32()))
			}
		}
		check("mutated", stored)
	}
}
