package index

import (
	"bytes"
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	bolt "go.etcd.io/bbolt"
)

// FilesOptions choose rows of the ledger.
type FilesOptions struct {
	States        []FileState // none: all
	Text          string      // in the key, state, reason or kind, case-insensitive; or the beginning of the SHA-256, 8 digits at least
	Offset, Limit int         // Limit 0: all
	DigestsLast   bool        // behind all log files, not among them
}

// Files gives rows of the ledger by place, key and version (newest first), and how many there are in all. After the first
// call on a state of the store any page costs the same; a new Text is looked for in all rows once, some 0.2 s at 250,000.
func (x *Index) Files(ctx context.Context, opt FilesOptions) (rows []FileRow, total int, err error) {
	opt = opt.lower()
	said := wordsReader{}
	err = x.view(func(v *storeView) error {
		list, err := x.files.of(ctx, v)
		var hits []bool
		if err == nil {
			hits, err = x.files.matching(ctx, v, list, opt.Text)
		}
		if err == nil {
			var page []int
			page, total = list.page(&opt, hits)
			rows, err = list.read(ctx, v, page, said)
		}
		if err != nil && ctx.Err() == nil {
			return x.damaged(err)
		}
		return err
	})
	return rows, total, err
}

// lower is the options with their text in lower case, as takes wants it.
func (opt FilesOptions) lower() FilesOptions {
	opt.Text = strings.ToLower(opt.Text)
	return opt
}

// takes says whether a row is chosen.
func (opt *FilesOptions) takes(r *FileRow) bool {
	return opt.takesState(r.State) && (opt.Text == "" || r.holds(opt.Text))
}

func (opt *FilesOptions) takesState(s FileState) bool {
	return len(opt.States) == 0 || slices.Contains(opt.States, s)
}

// holds looks for a text in lower case.
func (r *FileRow) holds(lower string) bool {
	return strings.Contains(strings.ToLower(r.Key), lower) || strings.Contains(r.State.String(), lower) ||
		strings.Contains(strings.ToLower(r.Reason), lower) || strings.Contains(strings.ToLower(r.Other), lower) ||
		len(lower) >= shortestHash && strings.HasPrefix(hex.EncodeToString(r.SHA256[:]), lower)
}

// shortestHash is how many digits of a SHA-256 are looked for.
const shortestHash = 8

// A ledgerList says where the rows of the ledger stand, by their number in its order: 1 byte a row, and a key for every
// listStep of them.
type ledgerList struct {
	generation uint64
	states     []FileState
	steps      [][]byte
}

const listStep = 256

// A ledgerCache keeps the list of the last state of the ledger that was asked about, and what the last text was found in.
type ledgerCache struct {
	mu   sync.Mutex
	list *ledgerList
	text string
	hits []bool // of list, by row; nil: all
}

// of is the list of a view.
func (c *ledgerCache) of(ctx context.Context, v *storeView) (*ledgerList, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.list != nil && c.list.generation == v.generation() {
		return c.list, nil
	}
	list := &ledgerList{generation: v.generation()}
	cursor := v.tx.Bucket(bucketFiles).Cursor()
	for k, value := cursor.First(); k != nil; k, value = cursor.Next() {
		if len(value) < 2 {
			return nil, errShort
		}
		if len(list.states)%listStep == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			list.steps = append(list.steps, bytes.Clone(k))
		}
		list.states = append(list.states, FileState(value[1]))
	}
	c.list, c.text, c.hits = list, "", nil
	return list, nil
}

// matching says which rows hold a text in lower case; nil: all. While a text is typed only what held its beginning is
// looked at again.
func (c *ledgerCache) matching(ctx context.Context, v *storeView, list *ledgerList, text string) ([]bool, error) {
	if text == "" {
		return nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	current := c.list == list
	if current && c.text == text {
		return c.hits, nil
	}
	var within []bool
	if current && c.text != "" && strings.HasPrefix(text, c.text) && (len(text) < shortestHash || len(c.text) >= shortestHash) {
		within = c.hits
	}
	hits := make([]bool, len(list.states))
	cursor := v.tx.Bucket(bucketFiles).Cursor()
	var folded []byte
	i := 0
	for k, value := cursor.First(); k != nil && i < len(hits); k, value = cursor.Next() {
		if i%listStep == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if within == nil || within[i] {
			if len(k) < 10 {
				return nil, errShort
			}
			folded = appendLower(folded[:0], k[4:len(k)-6])
			held, err := rowHolds(k, folded, value, v.snap.places, text)
			if err != nil {
				return nil, err
			}
			hits[i] = held
		}
		i++
	}
	if current {
		c.text, c.hits = text, hits
	}
	return hits, nil
}

// appendLower appends the key of a log file in lower case.
func appendLower(dst, k []byte) []byte {
	for _, c := range k {
		if c >= utf8.RuneSelf {
			return append(dst[:0], bytes.ToLower(k)...)
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// rowHolds is FileRow.holds, without parsing the rows of sound log files; folded is the key in lower case.
func rowHolds(k, folded, value []byte, places map[uint32]placeRow, text string) (bool, error) {
	if len(value) < 35 {
		return false, errShort
	}
	state := FileState(value[1])
	sound := state == StateHeld || state == StateDigest // nothing else is said of it
	switch {
	case strings.Contains(state.String(), text), bytes.Contains(folded, []byte(text)):
		return true, nil
	case sound && len(text) < shortestHash && bytes.IndexByte(folded, 0) < 0: // which a key of the ledger escapes
		return false, nil
	}
	r, err := parseRow(k, value, places)
	if err != nil {
		return false, err
	}
	return r.holds(text), nil
}

// page gives the numbers of the rows of a page, and how many are chosen in all.
func (l *ledgerList) page(opt *FilesOptions, hits []bool) (page []int, total int) {
	take := func(digests, others bool) {
		for i, s := range l.states {
			if s == StateDigest && !digests || s != StateDigest && !others || hits != nil && !hits[i] || !opt.takesState(s) {
				continue
			}
			if total >= opt.Offset && (opt.Limit == 0 || len(page) < opt.Limit) {
				page = append(page, i)
			}
			total++
		}
	}
	if opt.DigestsLast {
		take(false, true)
		take(true, false)
	} else {
		take(true, true)
	}
	return page, total
}

// read reads rows by their numbers, mostly neighbours.
func (l *ledgerList) read(ctx context.Context, v *storeView, page []int, said wordsReader) ([]FileRow, error) {
	rows := make([]FileRow, 0, len(page))
	cursor := v.tx.Bucket(bucketFiles).Cursor()
	at, k, value := -1, []byte(nil), []byte(nil)
	for n, i := range page {
		if n%listStep == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if at < 0 || i < at || i/listStep > at/listStep {
			at = i / listStep * listStep
			k, value = cursor.Seek(l.steps[at/listStep])
		}
		k, value = forward(cursor, k, value, i-at)
		at = i
		r, err := parseRow(k, value, v.snap.places)
		if err == nil {
			err = said.add(v, r)
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, r.FileRow)
	}
	return rows, nil
}

func forward(c *bolt.Cursor, k, value []byte, n int) ([]byte, []byte) {
	for ; n > 0 && k != nil; n-- {
		k, value = c.Next()
	}
	return k, value
}
