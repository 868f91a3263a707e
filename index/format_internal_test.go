package index

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/trailsift/trailsift/source"
)

func TestColumnsHoldAnyCodes(t *testing.T) {
	for _, codes := range [][]uint32{
		{}, {0, 0, 0}, {7, 7}, {0, 1}, {255, 1}, {256, 0, 3}, {65535, 65536}, {1 << 31, 0, 5},
	} {
		c, err := openColumn(appendColumn(nil, codes), len(codes))
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range codes {
			if got := c.code(uint32(i)); got != want {
				t.Errorf("%v: code %d is %d", codes, i, got)
			}
		}
		if len(c.raw()) != c.width*len(codes) {
			t.Errorf("%v: %d bytes of width %d", codes, len(c.raw()), c.width)
		}
	}
}

func TestNumbersHoldAnyValues(t *testing.T) {
	for shift := range 64 {
		values := []uint64{5, 5 + 1<<shift, 5, 6}
		n, err := openNumbers(appendNumbers([]byte{}, values), len(values))
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range values {
			if got := n.at(uint32(i)); got != want {
				t.Errorf("%v: value %d is %d", values, i, got)
			}
		}
	}
}

// randomDocs is an ascending list of the given share of 200,000 documents, in runs.
func randomDocs(rng *rand.Rand, share float64, run int) []uint32 {
	var docs []uint32
	for d := 0; d < 200_000; d++ {
		if rng.Float64() < share/float64(run) {
			for k := 0; k < run && d < 200_000; k++ {
				docs = append(docs, uint32(d))
				d++
			}
		}
	}
	return docs
}

func TestPostingListsSayWhatWentIn(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var docs, starts []uint32
	var lists [][]uint32
	for _, share := range []float64{0, 0.00001, 0.0001, 0.001, 0.02, 0.1, 0.5, 1} {
		for _, run := range []int{1, 3, 1000} {
			l := randomDocs(rng, share, run)
			lists = append(lists, l)
			starts = append(starts, uint32(len(docs)))
			docs = append(docs, l...)
		}
	}
	starts = append(starts, uint32(len(docs)))
	p, err := openPostings(appendPostings(nil, docs, starts))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range lists {
		code := uint32(i + 1)
		bitmap := p.bitmap(code)
		if err := bitmap.Validate(); err != nil && len(want) > 0 {
			t.Errorf("list %d: roaring says %v", i, err)
		}
		if !slices.Equal(bitmap.ToArray(), want) && len(want) > 0 {
			t.Errorf("list %d: %d documents, want %d", i, bitmap.GetCardinality(), len(want))
		}
		words := make([]uint64, wordsFor(200_000))
		p.or(code, words)
		if got := p.count(code); got != len(want) || countBits(words) != len(want) {
			t.Errorf("list %d: count %d, %d bits, want %d", i, got, countBits(words), len(want))
		}
		for _, d := range want {
			if words[d/64]&(1<<(d%64)) == 0 {
				t.Fatalf("list %d: bit %d is not set", i, d)
			}
		}
	}
	if p.list(0) != nil || p.list(uint32(len(lists)+1)) != nil {
		t.Error("codes that are not there have lists")
	}
}

// TestRoaringIsAsSmall compares with what the library writes.
func TestRoaringIsAsSmall(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, share := range []float64{0.001, 0.02, 0.1, 0.6} {
		for _, run := range []int{1, 3, 50} {
			docs := randomDocs(rng, share, run)
			b := roaring.BitmapOf(docs...)
			b.RunOptimize()
			if got, want := len(appendRoaring(nil, docs)), int(b.GetSerializedSizeInBytes()); got > want {
				t.Errorf("share %g, runs of %d: %d bytes, the library %d", share, run, got, want)
			}
		}
	}
}

// FuzzPostings opens anything as posting lists: no panic, no documents beyond the words.
func FuzzPostings(f *testing.F) {
	f.Add(appendPostings(nil, []uint32{1, 2, 3}, []uint32{0, 1, 3}))
	many := make([]uint32, 5000)
	for i := range many {
		many[i] = uint32(i * 3)
	}
	f.Add(appendPostings(nil, many, []uint32{0, 100, 5000}))
	f.Fuzz(func(_ *testing.T, b []byte) {
		p, err := openPostings(b)
		if err != nil {
			return
		}
		words := make([]uint64, 4)
		for code := range uint32(min(p.n, 8)) {
			p.or(code+1, words)
			p.count(code + 1)
			p.bitmap(code + 1)
		}
	})
}

// FuzzDict opens anything as a term dictionary: no panic, and what was encoded is found.
func FuzzDict(f *testing.F) {
	f.Add([]byte("a\x00b\x00arn:aws:iam::1:user/x\x00arn:aws:iam::1:user/y"), []byte("a"))
	f.Add([]byte("00000000-0000-4000-8000-000000000001\x00AAAAAAAA-0000-4000-8000-000000000001\x00zz"), []byte("0000"))
	f.Fuzz(func(t *testing.T, list, probe []byte) {
		if d, err := openDict(list); err == nil {
			d.find(probe)
			d.term(1)
			d.prefixRanges(probe)
			d.each(func(code uint32, _ []byte) bool { return code < 1000 })
		}
		terms := bytes.Split(list, []byte{0})
		slices.SortFunc(terms, dictOrder)
		terms = slices.CompactFunc(terms, bytes.Equal)
		guids := 0
		for _, term := range terms {
			if _, ok := lowerGUID(term); ok {
				guids++
			}
		}
		d, err := openDict(appendDict(nil, guids, len(terms), func(i int) []byte { return terms[i] }))
		if err != nil || d.len() != len(terms) {
			t.Fatalf("%d terms of %d, %v", d.len(), len(terms), err)
		}
		begin := 0
		for i, term := range terms {
			if code, ok := d.find(term); !ok || int(code) != i+1 || !bytes.Equal(d.term(code), term) {
				t.Fatalf("%q: found %d, %v", term, code, ok)
			}
			if bytes.HasPrefix(term, probe) {
				begin++
			}
		}
		for _, r := range d.prefixRanges(probe) {
			begin -= int(r.hi - r.lo)
			for code := r.lo; code < r.hi; code++ {
				if !bytes.HasPrefix(d.term(code), probe) {
					t.Fatalf("%q does not begin with %q", d.term(code), probe)
				}
			}
		}
		if begin != 0 {
			t.Fatalf("%d more terms begin with %q", begin, probe)
		}
	})
}

func TestLedgerKeysAreInOrder(t *testing.T) {
	keys := []string{"", "\x00", "\x00\x00", "\x00a", "\x01", "a", "a\x00", "a\x00b", "a\x01", "a/b", "b\xff", "b\xff\xff"}
	var last []byte
	for _, key := range keys {
		for _, version := range []uint32{3, 2, 1} { // the newest first
			k := ledgerKey(7, key, version)
			if bytes.Compare(last, k) >= 0 {
				t.Errorf("%q version %d is not after the one before", key, version)
			}
			last = k
			if place, text, v, ok := parseLedgerKey(k); !ok || place != 7 || text != key || v != version {
				t.Errorf("%q version %d reads back as %d %q %d %v", key, version, place, text, v, ok)
			}
		}
	}
}

func TestLedgerRowsReadBack(t *testing.T) {
	at := time.Date(2026, 11, 20, 1, 2, 3, 0, time.UTC)
	want := &ledgerRow{
		place: 3, no: 9, modTime: at.UnixNano(), keep: keepDelivered,
		FileRow: FileRow{
			Place: "p", Key: "k\x00", ETag: "e", Version: 2, State: StateProblem, Size: 5, SHA256: [32]byte{1, 31: 2}, Bytes: 1 << 40,
			Events: 7, Salvaged: 2, Skipped: 3, Other: "o", Reason: "r", Problems: []source.Problem{{Offset: -1, Reason: "x"}, {Offset: 9}},
			Kept: true, BroughtIn: at, Delivered: at.Add(time.Hour), Program: "1.2", Meta: map[string]string{"b": "2", "a": "1"},
		},
	}
	places := map[uint32]placeRow{3: {3, source.Place{ID: "p"}, "p"}}
	k, v := ledgerKey(3, want.Key, 2), want.encode()
	got, err := parseRow(k, v, places)
	if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(ledgerRow{})); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	for n := range v { // cut short it is an error, never a panic
		if _, err := parseRow(k, v[:n], places); err == nil {
			t.Errorf("a row of %d of %d bytes was read", n, len(v))
		}
	}
}

func TestManifestReadsBack(t *testing.T) {
	want := []segmentMeta{
		{id: 1, docs: 10, timed: 9, minSec: -5, maxSec: 1 << 40, shown: 8, shownUntimed: 1, conflicts: 1, variants: 1, replaced: 1, salvaged: 2, bytes: 99, overlay: 3},
		{id: 7},
	}
	got, err := parseManifest(encodeManifest(want))
	if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(segmentMeta{}), cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// TestIDSetNeverDenies does the same with the set that grows.
func TestIDSetNeverDenies(t *testing.T) {
	var f filters
	if err := f.load(nil); err != nil {
		t.Fatal(err)
	}
	hash := func(i uint64) uint64 { return f.hash(binary.BigEndian.AppendUint64(nil, i)) }
	const held = 3*idSetFirst + 1000 // in three filters
	for i := range uint64(held) {
		f.all.add(hash(i))
	}
	passed := 0
	for i := range uint64(held) {
		if !f.all.perhaps(hash(i)) {
			t.Fatalf("id %d is denied", i)
		}
		if f.all.perhaps(hash(i + held)) {
			passed++
		}
	}
	if len(f.all.filters) != 3 || passed > held/20 {
		t.Errorf("%d filters, %d of %d others pass", len(f.all.filters), passed, held)
	}
}

// TestFilterNeverDenies puts ids in and asks for them; of others some one in a thousand may pass.
func TestFilterNeverDenies(t *testing.T) {
	var f filters
	if err := f.load(nil); err != nil {
		t.Fatal(err)
	}
	ids := func(n int, kind byte) []byte {
		var b []byte
		for i := range n {
			b = binary.BigEndian.AppendUint64(append(b, kind, 0, 0, 0, 0, 0, 0, 0), uint64(i))
		}
		return b
	}
	held, others := ids(20_000, 1), ids(100_000, 2)
	g := f.make(held)
	for i := 0; i < len(held); i += 16 {
		if !g.perhaps(f.hash(held[i : i+16])) {
			t.Fatalf("id %d is denied", i/16)
		}
	}
	passed := 0
	for i := 0; i < len(others); i += 16 {
		if g.perhaps(f.hash(others[i : i+16])) {
			passed++
		}
	}
	if passed > 500 {
		t.Errorf("%d of 100,000 other ids pass, want about 150", passed)
	}
}

func TestInternerNumbersTexts(t *testing.T) {
	it := newInterner()
	for range 2 {
		for n := range 5000 {
			text := fmt.Appendf(nil, "text %d", n%1000)
			if got := it.add(text); int(got) != n%1000+1 || string(it.text(got)) != string(text) {
				t.Fatalf("%s has number %d", text, got)
			}
		}
		if it.len() != 1000 {
			t.Errorf("%d texts", it.len())
		}
		it.reset()
	}
	if it.add(nil) != 1 || it.add([]byte{}) != 1 || it.add([]byte("x")) != 2 || len(it.text(1)) != 0 {
		t.Error("the empty text is no text")
	}
}
