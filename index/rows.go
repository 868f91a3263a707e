package index

import (
	"bytes"

	"github.com/RoaringBitmap/roaring/v2"
)

// The fields of a group share one column, of rows, and posting lists by row; each has a table with its term code for each
// row. A segment of 50,000 documents has some hundreds to thousands of rows, so that a dozen fields take two bytes a
// document together, and a facet counts rows once and then adds up what they have.

// encodeGroup writes a group of the documents that were arranged: rows are numbered anew, from 1, without those that no
// document has.
func (b *builder) encodeGroup(e *encoder, g group) {
	gr := &b.groups[g]
	var rows []uint32 // by new number - 1: the row
	number := b.scratch.docs(len(gr.counts))
	for row, n := range gr.counts {
		if n > 0 {
			rows = append(rows, uint32(row))
			number[row] = uint32(len(rows))
		}
	}
	codes := b.scratch.codes(len(gr.inOrder))
	for k, row := range gr.inOrder {
		codes[k] = number[row]
	}
	e.part(partRows+groupNames[g], func(dst []byte) []byte { return appendColumn(dst, codes) })
	starts, next := listStarts(rows, gr.counts)
	docs := b.scratch.docs(len(codes))
	for doc, n := range codes {
		docs[next[n-1]] = uint32(doc)
		next[n-1]++
	}
	e.part(partLists+groupNames[g], func(dst []byte) []byte { return appendPostings(dst, docs, starts) })
	for k, i := range groupFields[g] {
		b.encodeOfRow(e, gr, i, k, rows)
	}
}

// encodeOfRow writes a field of a group, the k-th of its fields.
func (b *builder) encodeOfRow(e *encoder, gr *grouped, i, k int, rows []uint32) {
	f := &b.fields[i]
	counts := make([]uint32, f.terms.len()+1)
	for _, row := range rows {
		counts[gr.code(row, k)] += gr.counts[row]
	}
	terms, rank, guids := b.sortTerms(f.terms, counts)
	if len(terms) == 0 {
		return
	}
	codes := b.scratch.codes(len(rows) + 1)
	for n, row := range rows {
		codes[n+1] = rank[gr.code(row, k)]
	}
	codes[0] = codes[1]
	name := fields[i].Name
	e.part(partOfRow+name, func(dst []byte) []byte { return appendColumn(dst, codes) })
	e.part(partTerms+name, func(dst []byte) []byte {
		return appendDict(dst, guids, len(terms), func(n int) []byte { return f.terms.text(terms[n]) })
	})
}

// rowColumn is the column of a field of a group.
func (v *segmentView) rowColumn(f int) column {
	b := v.part(v.dir.ofRow[f])
	rows := 0
	if len(b) > 5 && b[0] > 0 {
		rows = (len(b) - 5) / int(b[0])
	}
	codes, err := openColumn(b, rows)
	if v.fail(err); codes.width == 0 || err != nil {
		return column{docs: v.docs(), constant: codes.constant}
	}
	c, err := openColumn(v.part(v.dir.rows[fields[f].group]), v.docs())
	v.fail(err)
	c.table = codeTable{codes.width, codes.data}
	return c
}

// rowLists are the posting lists of a field of a group.
func (v *segmentView) rowLists(f int) fieldLists {
	p, err := openPostings(v.part(v.dir.rowLists[fields[f].group]))
	v.fail(err)
	table := v.rowColumn(f).table
	if !table.is() { // all documents have the same term, and all rows
		table = codeTable{1, bytes.Repeat([]byte{1}, p.n+1)}
	}
	return fieldLists{p, table}
}

// fieldLists are the posting lists of a field: one for each term, or, of a field of a group, one for each row that has
// the term.
type fieldLists struct {
	postings
	table codeTable
}

// each visits the posting lists that make up the one of a code.
func (l fieldLists) each(code uint32, visit func(number uint32)) {
	if !l.table.is() {
		visit(code)
		return
	}
	for row := range uint32(l.table.len()) {
		if row > 0 && l.table.at(row) == code {
			visit(row)
		}
	}
}

// count is the number of documents that have the term.
func (l fieldLists) count(code uint32) (n int) {
	l.each(code, func(number uint32) { n += l.postings.count(number) })
	return n
}

// or sets the bits of the documents that have the term.
func (l fieldLists) or(code uint32, words []uint64) {
	l.each(code, func(number uint32) { l.postings.or(number, words) })
}

// bitmap is the documents that have the term, on the heap.
func (l fieldLists) bitmap(code uint32) *roaring.Bitmap {
	var all []*roaring.Bitmap
	l.each(code, func(number uint32) { all = append(all, l.postings.bitmap(number)) })
	return roaring.FastOr(all...)
}
