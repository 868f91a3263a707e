package digest

import (
	"bytes"
	"testing"
	"time"
)

// FuzzKeptReport reads any bytes for a report that was kept: no panic, no more memory than they justify, and what is read
// is written down the same.
func FuzzKeptReport(f *testing.F) {
	at := time.Date(2026, 3, 10, 1, 17, 28, 5, time.UTC)
	f.Add([]byte{})
	f.Add(encodeReport(&Report{}, ""))
	f.Add(encodeReport(&Report{
		From: at, To: at.Add(time.Hour), Keys: []KeyUse{{"fp", "origin", "us-east-1"}}, Notes: []string{"note", "note"},
		Ranges: []Range{{Class: RangeGap, Account: "1", From: at, To: at}},
		Items:  []Item{{Key: "k", Kind: "log", Verdict: Valid, Class: LogValid, Oldest: at, Newest: at, fatal: true}, {Key: "d", Kind: "digest"}},
		Chains: []Chain{{ID: ChainID{Trail: "t", Backfill: true}, Digests: []Link{{Item: 1, Start: at, End: at, Logs: []int{0}}, {Starting: true}}}},
	}, "state"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, state, err := decodeReport(data)
		if err != nil {
			return
		}
		again, same, err := decodeReport(encodeReport(r, state))
		if err != nil || same != state || !bytes.Equal(encodeReport(again, state), encodeReport(r, state)) {
			t.Fatalf("%v: written down it is another", err)
		}
	})
}
