package index

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trailsift/trailsift/index/query"
)

// Terms gives values of a field for completion, most frequent first, ties by value: those that hold the text from a
// token border on, in any case. Counts are of all events shown. limit 0: all. A field without values to list gives none.
func (x *Index) Terms(ctx context.Context, name, text string, limit int) ([]ValueCount, error) {
	f, ok := Schema().Lookup(name)
	if !ok {
		return nil, fmt.Errorf("terms: no field %q", name)
	}
	if f.Kind == query.Time || f.Kind == query.ID && text == "" {
		return nil, nil
	}
	number, _ := fieldNumber(f.Name)
	t := tally{counts: map[string]int{}}
	err := x.view(func(v *storeView) error {
		segs := v.segments()
		return eachParallel(ctx, len(segs), func(i int) error {
			c, err := x.matchingTerms(ctx, segs[i], number, text)
			if err != nil {
				return err
			}
			t.add(c)
			return segs[i].err
		})
	})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("terms of %s: %w", f.Name, err)
	}
	return t.top(limit), nil
}

// matchingTerms counts the terms of a segment that fit the text, over the documents shown.
func (x *Index) matchingTerms(ctx context.Context, seg *segmentView, field int, text string) (termCounts, error) {
	e := newEvaluator(ctx, seg, x.cache)
	shown := e.all(nil)
	if hidden := e.hidden(); hidden != nil {
		andNotWords(shown, hidden)
	}
	hits := sealSet(shown, e.docs)
	want := termWant{any: text == "", accept: fromBorder(text)}
	if fields[field].Kind == query.ID {
		return e.matchingIDs(field, hits, text)
	}
	c := countTerms(seg, field, hits)
	set := newCodeSet(c.dict.len())
	if !want.any {
		if err := e.matching(set, c.dict, want); err != nil {
			return c, err
		}
		for code := range c.counts {
			if set.bit(uint32(code)) == 0 {
				c.counts[code] = 0
			}
		}
	}
	return c, nil
}

// matchingIDs counts ids that begin with the text: there are too many to look inside.
func (e *evaluator) matchingIDs(field int, hits *docSet, text string) (termCounts, error) {
	accept := func(term []byte) bool {
		return len(term) >= len(text) && strings.EqualFold(string(term[:len(text)]), text)
	}
	s := &step{kind: stepTerms, field: field, text: "ids " + fields[field].Name + " " + text, wants: []termWant{{text: text, accept: accept}}}
	words, err := e.terms(s, nil)
	if err != nil {
		return termCounts{}, err
	}
	hits.andWith(words)
	return countTerms(e.seg, field, sealSet(words, e.docs)), nil
}

// fromBorder takes terms that hold the text, in any case, where a token begins.
func fromBorder(text string) func(term []byte) bool {
	want := []byte(strings.ToLower(text))
	return func(term []byte) bool {
		low := bytes.ToLower(term)
		for from := 0; ; {
			i := bytes.Index(low[from:], want)
			if i < 0 {
				return false
			}
			if at := from + i; isBorder(low, at) {
				return true
			}
			from += i + 1
		}
	}
}

// isBorder says that a token can begin at a byte of the term: what stands before is none of its letters or digits, or
// is no part of one.
func isBorder(term []byte, at int) bool {
	before, _ := utf8.DecodeLastRune(term[:at])
	first, _ := utf8.DecodeRune(term[at:])
	return at == 0 || !isTokenRune(before) || !isTokenRune(first)
}

func isTokenRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
