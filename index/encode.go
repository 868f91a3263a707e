package index

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"slices"

	"github.com/trailsift/trailsift/source"
)

// An encodedSegment is a segment ready to be written: chunks of whole parts, and what the manifest needs.
type encodedSegment struct {
	chunks [][]byte
	meta   segmentMeta
}

// encode gives the segment of the documents from lo up to, not including, hi: whole log files, or the part of the last
// one that is there.
func (b *builder) encode(lo, hi int) encodedSegment {
	return b.encodeOf(lo, hi, b.rankFiles(int(b.docs[lo].file), int(b.docs[hi-1].file+1)))
}

// encodeOf gives the segment of documents in any order, given their log files.
func (b *builder) encodeOf(lo, hi int, files rankedFiles) encodedSegment {
	order := b.order(lo, hi, files.rank)
	e := encoder{docs: len(order), expect: min(expectBytes*len(order), chunkBytes)}
	e.meta.docs = len(order)
	for _, g := range [...]group{ofCall, ofCaller} {
		b.groups[g].arrange(order)
	}
	b.encodeDocs(&e, order)
	b.encodeFiles(&e, order, files)
	for _, g := range [...]group{ofCall, ofCaller} {
		b.encodeGroup(&e, g)
	}
	for _, i := range groupFields[byItself] {
		if b.fields[i].sets != nil {
			b.encodeMulti(&e, i, order)
		} else {
			b.encodeSingle(&e, i, lo, order)
		}
	}
	return e.finish(len(files.byRank))
}

// rankedFiles are the log files of a segment, numbered from 1 by (key, place, newer version first).
type rankedFiles struct {
	byRank []builtFile // by number - 1
	rank   []uint32    // by index in builder.files; 0: not in the segment
}

func (b *builder) rankFiles(lo, hi int) rankedFiles {
	order := make([]int, 0, hi-lo)
	for i := lo; i < hi; i++ {
		order = append(order, i)
	}
	slices.SortFunc(order, func(x, y int) int { return b.files[x].compare(b.files[y]) })
	r := rankedFiles{byRank: make([]builtFile, len(order)), rank: make([]uint32, len(b.files))}
	for n, i := range order {
		r.byRank[n], r.rank[i] = b.files[i], uint32(n+1)
	}
	return r
}

func (f builtFile) compare(g builtFile) int {
	return cmp.Or(cmp.Compare(f.key, g.key), cmp.Compare(f.placeID, g.placeID), cmp.Compare(g.version, f.version))
}

// An encoder puts the parts of a segment together.
type encoder struct {
	docs  int
	meta  segmentMeta
	names []string
	refs  []partRef
	data  [][]byte // of each chunk
	// expect is about how large the first chunk becomes.
	expect int
}

// chunkBytes is how much a chunk holds before the next part begins another: a transaction writes one chunk, and bbolt
// holds its values about twice until the commit.
const chunkBytes = 16 << 20

// expectBytes is what a document takes in a segment, some more than measured: growing a chunk copies it.
const expectBytes = 150

// part appends a part.
func (e *encoder) part(name string, appendTo func([]byte) []byte) {
	if len(e.data) == 0 || len(e.data[len(e.data)-1]) >= chunkBytes {
		e.data = append(e.data, make([]byte, 0, e.expect))
	}
	chunk := len(e.data) - 1
	start := len(e.data[chunk])
	e.data[chunk] = appendTo(e.data[chunk])
	b := e.data[chunk][start:]
	e.names = append(e.names, name)
	e.refs = append(e.refs, partRef{uint32(chunk), uint32(start), uint32(len(b)), crc32.Checksum(b, castagnoli)})
}

func (e *encoder) numbers(name string, values []uint64) {
	e.part(name, func(b []byte) []byte { return appendNumbers(b, values) })
}

func (e *encoder) finish(files int) encodedSegment {
	if len(e.data) == 0 {
		e.data = [][]byte{nil}
	}
	e.data[0] = appendDir(e.data[0], e.docs, e.meta.timed, files, e.names, e.refs)
	for _, c := range e.data {
		e.meta.bytes += int64(len(c))
	}
	return encodedSegment{chunks: e.data, meta: e.meta}
}

// encodeDocs writes the parts that are no fields.
func (b *builder) encodeDocs(e *encoder, order []uint32) {
	values := make([]uint64, len(order))
	column := func(name string, n int, get func(*docRow) uint64) {
		some := false
		for i, d := range order[:n] {
			values[i] = get(&b.docs[d])
			some = some || values[i] != 0
		}
		if some {
			e.numbers(name, values[:n])
		}
	}
	for _, d := range order {
		row := &b.docs[d]
		if row.flags&byte(source.Salvaged) != 0 {
			e.meta.salvaged++
		}
		if !row.timed {
			continue
		}
		if e.meta.timed == 0 {
			e.meta.maxSec = row.sec
		}
		e.meta.minSec = row.sec
		e.meta.timed++
	}
	e.meta.shown, e.meta.shownUntimed = e.meta.docs, e.meta.docs-e.meta.timed
	column(partSecs, e.meta.timed, func(r *docRow) uint64 { return uint64(r.sec + secsBias) })
	column(partNanos, e.meta.timed, func(r *docRow) uint64 { return uint64(r.nsec) })
	column(partHashes, e.docs, func(r *docRow) uint64 { return r.hash })
	column(partFlags, e.docs, func(r *docRow) uint64 { return uint64(r.flags) })
	column(partOffset, e.docs, func(r *docRow) uint64 { return r.offset })
	column(partLength, e.docs, func(r *docRow) uint64 { return r.length })
	column(partPos, e.docs, func(r *docRow) uint64 { return uint64(r.position) })
	column(partForm, e.docs, func(r *docRow) uint64 { return uint64(r.form) })
	b.encodeIDs(e, order, values)
}

func (b *builder) encodeIDs(e *encoder, order []uint32, values []uint64) {
	e.part(partIDs, func(dst []byte) []byte {
		for _, d := range order {
			dst = append(dst, b.docs[d].id[:]...)
		}
		return dst
	})
	byID := b.order1[:0]
	for i, d := range order {
		byID = append(byID, keyed{b.docs[d].idKey(), uint32(i)})
	}
	b.order1 = byID
	b.sorter.sort(byID)
	eachRun(byID, func(x, y keyed) bool { return x.key == y.key }, func(run []keyed) {
		slices.SortFunc(run, func(x, y keyed) int {
			xi, yi := &b.docs[order[x.no]].id, &b.docs[order[y.no]].id
			return cmp.Or(bytes.Compare(xi[:], yi[:]), cmp.Compare(x.no, y.no))
		})
	})
	for i, x := range byID {
		values[i] = uint64(x.no)
	}
	e.numbers(partOrder, values)
}

// encodeFiles writes the table of log files, their column, and the log field.
func (b *builder) encodeFiles(e *encoder, order []uint32, files rankedFiles) {
	byRank := files.byRank
	keyCode := make([]uint32, len(byRank)) // by rank-1
	var keys []string
	// keys that look like a GUID come first in a dictionary, so codes follow its order, not the rank
	for _, f := range byRank {
		keys = append(keys, f.key)
	}
	slices.SortFunc(keys, func(x, y string) int { return dictOrder([]byte(x), []byte(y)) })
	keys = slices.Compact(keys)
	codeOf := make(map[string]uint32, len(keys))
	for i, k := range keys {
		codeOf[k] = uint32(i + 1)
	}
	same := true
	table := make([]uint64, 0, 4*len(byRank))
	for i, f := range byRank {
		keyCode[i] = codeOf[f.key]
		same = same && keyCode[i] == uint32(i+1)
		table = append(table, uint64(f.no), uint64(f.place), uint64(f.version), uint64(keyCode[i]))
	}
	e.numbers(partFiles, table)
	codes := make([]uint32, len(order))
	for i, d := range order {
		codes[i] = files.rank[b.docs[d].file]
	}
	e.part(partFile, func(dst []byte) []byte { return appendColumn(dst, codes) })
	name := fields[fieldLog].Name
	e.part(partTerms+name, func(dst []byte) []byte {
		return appendDict(dst, leadingGUIDs(keys), len(keys), func(i int) []byte { return []byte(keys[i]) })
	})
	if same {
		return // the column of log files is that of their keys
	}
	for i, c := range codes {
		codes[i] = keyCode[c-1]
	}
	e.part(partCodes+name, func(dst []byte) []byte { return appendColumn(dst, codes) })
}

// encodeSingle writes a field with at most one value a document. order holds the documents from lo on.
func (b *builder) encodeSingle(e *encoder, i, lo int, order []uint32) {
	f := &b.fields[i]
	counts := b.counts(i, lo, len(order))
	terms, rank, guids := b.sortTerms(f.terms, counts)
	if len(terms) == 0 {
		return
	}
	codes := b.scratch.codes(len(order))
	for k, d := range order {
		codes[k] = rank[f.codes[d]]
	}
	name := fields[i].Name
	e.part(partCodes+name, func(dst []byte) []byte { return appendColumn(dst, codes) })
	e.part(partTerms+name, func(dst []byte) []byte {
		return appendDict(dst, guids, len(terms), func(k int) []byte { return f.terms.text(terms[k]) })
	})
	if !fields[i].listed() {
		return
	}
	starts, next := listStarts(terms, counts)
	docs := b.scratch.docs(int(starts[len(terms)]))
	for doc, c := range codes {
		if c != 0 {
			docs[next[c-1]] = uint32(doc)
			next[c-1]++
		}
	}
	e.part(partLists+name, func(dst []byte) []byte { return appendPostings(dst, docs, starts) })
}

// counts gives how many of the n documents from lo on have each term of a field.
func (b *builder) counts(i, lo, n int) []uint32 {
	counts := make([]uint32, b.fields[i].terms.len()+1)
	for _, c := range b.fields[i].codes[lo : lo+n] {
		counts[c]++
	}
	return counts
}

// encodeMulti writes a field with any number of values a document.
func (b *builder) encodeMulti(e *encoder, i int, order []uint32) {
	f := &b.fields[i]
	setCode := make([]uint32, f.sets.len()+1) // by number in sets; given in the order of the segment
	var sets []uint32
	codes := b.scratch.codes(len(order))
	counts := make([]uint32, f.terms.len()+1)
	for k, d := range order {
		s := f.codes[d]
		if codes[k] = 0; s == 0 {
			continue
		}
		if setCode[s] == 0 {
			sets = append(sets, s)
			setCode[s] = uint32(len(sets))
		}
		codes[k] = setCode[s]
		eachOnce(f.sets.text(s), func(term uint32) { counts[term]++ })
	}
	terms, rank, guids := b.sortTerms(f.terms, counts)
	if len(terms) == 0 {
		return
	}
	offsets := make([]uint64, 1, len(sets)+1)
	var members []uint64
	for _, s := range sets {
		for t := f.sets.text(s); len(t) > 0; t = t[4:] {
			members = append(members, uint64(rank[binary.LittleEndian.Uint32(t)]))
		}
		offsets = append(offsets, uint64(len(members)))
	}
	name := fields[i].Name
	e.part(partCodes+name, func(dst []byte) []byte { return appendColumn(dst, codes) })
	e.part(partSets+name, func(dst []byte) []byte { return appendSets(dst, offsets, members) })
	e.part(partTerms+name, func(dst []byte) []byte {
		return appendDict(dst, guids, len(terms), func(k int) []byte { return f.terms.text(terms[k]) })
	})
	starts, next := listStarts(terms, counts)
	docs := b.scratch.docs(int(starts[len(terms)]))
	for doc, d := range order {
		if s := f.codes[d]; s != 0 {
			eachOnce(f.sets.text(s), func(term uint32) {
				c := rank[term] - 1
				docs[next[c]] = uint32(doc)
				next[c]++
			})
		}
	}
	e.part(partLists+name, func(dst []byte) []byte { return appendPostings(dst, docs, starts) })
}

// eachOnce visits the different term numbers of a set.
func eachOnce(set []byte, visit func(term uint32)) {
	for i := 0; i < len(set); i += 4 {
		again := false
		for j := 0; j < i && !again; j += 4 {
			again = string(set[j:j+4]) == string(set[i:i+4])
		}
		if !again {
			visit(binary.LittleEndian.Uint32(set[i:]))
		}
	}
}

// leadingGUIDs is how many of the keys, in dictOrder, are GUIDs.
func leadingGUIDs(keys []string) int {
	n := slices.IndexFunc(keys, func(k string) bool { _, ok := lowerGUID([]byte(k)); return !ok })
	if n < 0 {
		return len(keys)
	}
	return n
}

// listStarts gives where the list of each code begins and ends, and a copy to count up while filling.
func listStarts(terms, counts []uint32) (starts, next []uint32) {
	starts = make([]uint32, len(terms)+1)
	for i, n := range terms {
		starts[i+1] = starts[i] + counts[n]
	}
	return starts, slices.Clone(starts)
}
