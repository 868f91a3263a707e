package tui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

// A report is what verifications established, made ready to be drawn. It never changes once made; nil where nothing was
// ever verified.
type report struct {
	places  []index.Integrity
	digests tally
	logs    tally
	invalid int // files and ranges that fail a verification
	words   []wordCount
	chains  []chainRow
	// from and to are the time that the chains cover.
	from, to time.Time
}

// A tally counts files by verdict.
type tally struct{ valid, invalid, warn, unverified, info int }

func (t *tally) add(verdict string) {
	switch verdict {
	case verdictValid:
		t.valid++
	case verdictInvalid:
		t.invalid++
	case verdictWarn:
		t.warn++
	case verdictInfo:
		t.info++
	default:
		t.unverified++
	}
}

func (t *tally) total() int { return t.valid + t.invalid + t.warn + t.unverified + t.info }

// The verdicts of package index.
const (
	verdictValid      = "valid"
	verdictInvalid    = "invalid"
	verdictWarn       = "warn"
	verdictUnverified = "unverified"
	verdictInfo       = "info"
	verdictUnchecked  = "unchecked"
)

// A wordCount is how many invalid files or ranges one word is about.
type wordCount struct {
	word string
	n    int
}

// newReport makes a report; nil of nothing.
func newReport(places []index.Integrity) *report {
	if len(places) == 0 {
		return nil
	}
	r := &report{places: places}
	words := map[string]int{}
	fail := func(class string) {
		r.invalid++
		words[meaningOf(class).word]++
	}
	for i := range places {
		p := &places[i]
		for j := range p.Files {
			f := &p.Files[j]
			if f.Digest {
				r.digests.add(f.Verdict)
			} else {
				r.logs.add(f.Verdict)
			}
			if f.Verdict == verdictInvalid {
				fail(f.Class)
			}
		}
		for j := range p.Ranges {
			if rangeRank(p.Ranges[j].Class) == rankInvalid {
				fail(p.Ranges[j].Class)
			}
		}
	}
	for w, n := range words {
		r.words = append(r.words, wordCount{w, n})
	}
	slices.SortFunc(r.words, func(a, b wordCount) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.word, b.word)) })
	r.addChains()
	return r
}

// checked is when the oldest of the verifications shown was done.
func (r *report) checked() time.Time {
	var t time.Time
	for i := range r.places {
		if c := r.places[i].Checked; t.IsZero() || c.Before(t) {
			t = c
		}
	}
	return t
}

// status is the report in a few words, for the status line.
func (r *report) status() string {
	if r == nil {
		return "integrity not checked"
	}
	var parts []string
	for _, w := range r.words {
		parts = append(parts, text.Count(w.n)+" "+w.word)
	}
	open := r.logs.unverified + r.logs.warn + r.digests.unverified + r.digests.warn
	switch {
	case len(parts) > 4:
		parts = append(parts[:3], "and more (4)")
	case len(parts) > 0:
	case r.digests.total() == 0:
		return "integrity: no digests"
	case open > 0:
		return "integrity: " + text.Count(open) + " files not established"
	case r.logs.info > 0:
		return "integrity: proven, " + text.Count(r.logs.info) + " too new"
	default:
		return "integrity: proven"
	}
	return "integrity: " + strings.Join(parts, ", ")
}
