//go:build unix

package cli_test

import (
	"testing"
)

// TestExploreIntegrity: the demo shows its altered and its deleted log file in the Integrity view, in the list of events,
// in facet and histogram; r verifies again.
func TestExploreIntegrity(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	p := h.screen(t, 120, 40, "demo", "--events", "20000")
	p.wait(`integrity: 1 altered, 1 missing`)
	p.wait(`4 Integrity\(!2\)`)
	p.wait(`░`) // the histogram
	p.wait(`invalid +\d+`)

	p.keys("4")
	p.wait(`DIGESTS 673 +673 valid +LOG FILES [\d,]+ +[\d,]+ valid +2 INVALID`)
	p.wait(`1 public key: the demo's own key`)
	p.wait(`> invalid +missing +2026-03-12`)
	p.wait(`NEXT +look for it in object versions`)
	p.keys(enter)
	p.wait(`> +-- log file missing: 03-12 02:\d\d to 02:\d\d, us-east-1, 111122223333 --`)

	p.keys("4j")
	p.wait(`> invalid +altered`)
	p.wait(`SHOULD [0-9a-f]{64}`)
	p.wait(`IS +[0-9a-f]{64}`)
	p.keys(enter)
	p.wait(`> ~03-12 02:`)
	p.wait(`integrity INVALID: log\.modified, altered`)

	p.keys("5")
	p.wait(`COVERAGE +▇ proven`)
	p.wait(`111122223333 us-east-1 .*✗`)

	p.keys("4r")
	p.wait(`verified 20\d\d-.* UTC +1 public key`)
	p.wait(`integrity: 1 altered, 1 missing`)
	p.keys("q")
	p.settle()
	p.keys("q")
}
