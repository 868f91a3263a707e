package index

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestOrder compares the order of documents with a plain sort: many of one second, of one id, of half an id, and with
// what the fast way does not take.
func TestOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	fileRank := []uint32{3, 1, 2}
	for _, odd := range []string{"", "nanoseconds", "untimed", "no GUID", "far apart"} {
		b := newBuilder(nil)
		for n := range 5000 {
			row := docRow{
				sec: 1_800_000_000 + rng.Int64N(20), timed: true, flags: docGUID,
				file: rng.Uint32N(3), position: uint32(n),
			}
			binary.BigEndian.PutUint64(row.id[:], rng.Uint64N(30)<<rng.IntN(50))
			row.id[15] = byte(rng.IntN(3))
			if n%100 == 7 {
				switch odd {
				case "nanoseconds":
					row.nsec = 5
				case "untimed":
					row.timed, row.sec = false, 0
				case "no GUID":
					row.flags = 0
				case "far apart":
					row.sec += 1 << 40
				}
			}
			b.docs = append(b.docs, row)
		}
		got := b.order(1000, 5000, fileRank)
		want := make([]uint32, 0, 4000)
		for i := range 4000 {
			want = append(want, uint32(1000+i))
		}
		slices.SortFunc(want, func(x, y uint32) int { return b.docs[x].compare(&b.docs[y], fileRank) })
		if !slices.Equal(got, want) {
			t.Errorf("%q: not in order", odd)
		}
	}
}

// TestSortTerms sorts GUIDs, other texts and both, with terms that repeat and terms without documents.
func TestSortTerms(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for _, guidsOf4 := range []int{0, 2, 4} {
		b, terms := newBuilder(nil), newInterner()
		counts := []uint32{0}
		var want []string
		for range 3000 {
			text := fmt.Appendf(nil, "arn:aws:iam::%d", rng.IntN(2000))
			if rng.IntN(4) < guidsOf4 {
				text = fmt.Appendf(nil, "%08x-0000-0000-0000-%012x", rng.IntN(1000), rng.IntN(2))
			}
			terms.append(text)
			counts = append(counts, uint32(rng.IntN(3)))
			if counts[len(counts)-1] > 0 {
				want = append(want, string(text))
			}
		}
		slices.SortFunc(want, func(x, y string) int { return dictOrder([]byte(x), []byte(y)) })
		want = slices.Compact(want)
		sorted, rank, guids := b.sortTerms(terms, counts)
		if len(sorted) != len(want) || guids != leadingGUIDs(want) {
			t.Fatalf("%d of 4: %d terms, %d GUIDs, want %d and %d", guidsOf4, len(sorted), guids, len(want), leadingGUIDs(want))
		}
		for i, no := range sorted {
			if string(terms.text(no)) != want[i] {
				t.Fatalf("term %d = %s, want %s", i, terms.text(no), want[i])
			}
		}
		for no := uint32(1); int(no) < len(counts); no++ {
			if counts[no] > 0 && !bytes.Equal(terms.text(no), []byte(want[rank[no]-1])) {
				t.Fatalf("rank of %s = %d", terms.text(no), rank[no])
			}
		}
	}
}
