package index

import (
	"encoding/binary"
	"slices"

	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source"
)

// A builder gathers the documents of one segment in memory, in the order they come, and encodes them in the order of
// the segment. Its memory is used again for the next one. About 300 bytes a document with its texts.
type builder struct {
	fields  [len(fields)]fieldBuilder
	docs    []docRow
	files   []builtFile
	hash    *rawHash
	scratch scratch
	facts   facts
	values  [][]byte
	set     []byte

	groups   [numGroups]grouped
	callKeys *interner
	calls    []call // by number in callKeys
	callers  [source.MaxIdentities]caller
	nobody   likes
	now      lastEvent
	key      []byte
	tuple    []byte

	// used again while encoding
	sorter         keySorter
	order1, order2 []keyed
	sorted, rank   []uint32
}

// A fieldBuilder holds a field's texts, and one code a document unless it is of a group.
type fieldBuilder struct {
	terms *interner
	sets  *interner // of a multi field: the term codes of each set, 4 bytes each
	codes []uint32  // per document; of a multi field: the set

	raws    *interner // of a field with raw: the texts it is derived from
	derived []uint32  // by number in raws: the code
}

// A scratch holds two slices that are used again from field to field. Their content is what it was before.
type scratch struct{ a, b []uint32 }

func (s *scratch) codes(n int) []uint32 {
	s.a = slices.Grow(s.a[:0], n)[:n]
	return s.a
}

func (s *scratch) docs(n int) []uint32 {
	s.b = slices.Grow(s.b[:0], n)[:n]
	return s.b
}

// A docRow is what a document has beside its fields.
type docRow struct {
	sec      int64
	nsec     int32
	timed    bool
	flags    byte
	form     source.Form
	file     uint32 // index in files
	position uint32
	id       [16]byte
	hash     uint64
	offset   uint64
	length   uint64
}

// A builtFile is a log file whose documents are in the builder.
type builtFile struct {
	key     string
	placeID string
	place   uint32
	no      uint32
	version uint32
}

func newBuilder(hash *rawHash) *builder {
	b := &builder{hash: hash, callKeys: newInterner()}
	for g := range b.groups {
		b.groups[g].rows = newInterner()
	}
	for i := range b.fields {
		b.fields[i].terms = newInterner()
		if isMulti(i) {
			b.fields[i].sets = newInterner()
		}
		if fields[i].raw != nil {
			b.fields[i].raws = newInterner()
		}
	}
	return b
}

func (b *builder) reset() {
	for i := range b.fields {
		f := &b.fields[i]
		f.terms.reset()
		f.codes = f.codes[:0]
		if f.sets != nil {
			f.sets.reset()
		}
		if f.raws != nil {
			f.raws.reset()
			f.derived = f.derived[:0]
		}
	}
	for i := range b.groups {
		g := &b.groups[i]
		g.rows.reset()
		g.docs = g.docs[:0]
	}
	b.callKeys.reset()
	b.calls, b.nobody = b.calls[:0], likes{}
	b.now.generation++
	clear(b.callers[:])
	b.docs, b.files = b.docs[:0], b.files[:0]
}

// addFile begins a log file; the documents that follow are in it.
func (b *builder) addFile(f builtFile) { b.files = append(b.files, f) }

// dropFrom takes back the documents from doc on and the last log file.
func (b *builder) dropFrom(doc int) {
	b.docs = b.docs[:doc]
	for _, i := range groupFields[byItself] {
		b.fields[i].codes = b.fields[i].codes[:doc]
	}
	for _, g := range [...]group{ofCall, ofCaller} {
		b.groups[g].docs = b.groups[g].docs[:doc]
	}
	b.files = b.files[:len(b.files)-1]
}

// add takes one event.
func (b *builder) add(e *source.Event) {
	b.facts.reset(e)
	row := docRow{
		flags:    byte(e.Flags) &^ docGUID,
		form:     e.Span.Form,
		file:     uint32(len(b.files) - 1),
		position: uint32(e.Position),
		hash:     b.hash.sum64(e.Raw),
		offset:   uint64(e.Span.Offset),
		length:   uint64(e.Span.Length),
	}
	if t, ok := e.Time(); ok {
		row.sec, row.nsec, row.timed = t.Unix(), int32(t.Nanosecond()), true
	}
	id, lower, isGUID := packGUID(e.Text(source.LeafEventID))
	b.now.heldID = isGUID && lower
	if isGUID {
		row.id = id
		row.flags |= docGUID
	} else {
		row.id = b.hash.sum128(canonicalJSON(e.Raw))
	}
	call, caller := b.addGroups(e)
	for _, i := range groupFields[byItself] {
		code := uint32(0)
		switch {
		case fields[i].origin == fromID && b.now.heldID:
		case likeSlot[i] == 0:
			code = b.single(i, nil)
		case fields[i].like == ofCall:
			code = b.single(i, &call[likeSlot[i]-1])
		default:
			code = b.single(i, &caller[likeSlot[i]-1])
		}
		b.fields[i].codes = append(b.fields[i].codes, code)
	}
	b.docs = append(b.docs, row)
}

// A lastEvent holds numbers for texts of the event that was added last: within a generation equal ones mean equal texts.
type lastEvent struct {
	generation int
	call       uint32              // for callLeaves
	heldID     bool                // the id column says all of eventID
	texts      [len(fields)]uint32 // of a field with leaves or raw: for its text, 0 for none
}

// likes are the numbers of the texts that the last event had which was alike, by likeSlot - 1.
type likes [3]uint32

// likeSlot numbers the fields that say which events are alike, from 1 for each group.
var likeSlot = func() (slots [len(fields)]uint8) {
	var used [numGroups]uint8
	for i := range fields {
		if g := fields[i].like; g != byItself {
			used[g]++
			slots[i] = used[g]
		}
	}
	return slots
}()

// single is the code of the event's value in a field that is of no group. What *like says is tried first; may be nil.
func (b *builder) single(i int, like *uint32) uint32 {
	f, row := &b.fields[i], &fields[i]
	switch {
	case row.leaves != nil:
		n := uint32(0)
		if text := firstText(b.facts.Event, row.leaves); len(text) > 0 {
			if row.Kind == query.ID {
				n = f.terms.append(text)
			} else {
				n = f.terms.addLike(text, like)
			}
		}
		b.now.texts[i] = n
		return n
	case row.raw != nil:
		text := row.raw(&b.facts)
		if b.now.texts[i] = 0; text == nil {
			return b.code(i)
		}
		n := f.raws.addLike(text, like)
		b.now.texts[i] = n
		return b.derivedCode(i, int(n))
	}
	return b.code(i)
}

func firstText(e *source.Event, leaves []source.Leaf) []byte {
	for _, l := range leaves {
		if text := e.Text(l); len(text) > 0 {
			return text
		}
	}
	return nil
}

// code is the code of the event's value in a field, of the set where there are several; 0 for none.
func (b *builder) code(i int) uint32 {
	f := &b.fields[i]
	b.values = fields[i].read(&b.facts, b.values[:0])
	switch {
	case len(b.values) == 0:
		return 0
	case f.sets != nil:
		return b.setCode(f)
	case fields[i].Kind == query.ID:
		return f.terms.append(b.values[0])
	}
	return f.terms.add(b.values[0])
}

// setCode is the number of the set of b.values.
func (b *builder) setCode(f *fieldBuilder) uint32 {
	b.set = b.set[:0]
	for _, v := range b.values {
		if len(v) > 0 {
			b.set = binary.LittleEndian.AppendUint32(b.set, f.terms.add(v))
		}
	}
	if len(b.set) == 0 {
		return 0
	}
	return f.sets.add(b.set)
}

// derivedCode is the code of a value that depends on a text alone, by the number of the text; it is worked out once a text.
func (b *builder) derivedCode(i, n int) uint32 {
	f := &b.fields[i]
	if n > len(f.derived) {
		f.derived = append(f.derived, b.code(i))
	}
	return f.derived[n-1]
}

// sizeBytes is about what the builder's documents take in memory.
func (b *builder) sizeBytes() int {
	n := len(b.docs) * (96 + 4*(len(groupFields[byItself])+int(numGroups)))
	for i := range b.fields {
		n += b.fields[i].terms.sizeBytes()
		if s := b.fields[i].sets; s != nil {
			n += s.sizeBytes()
		}
		if r := b.fields[i].raws; r != nil {
			n += r.sizeBytes()
		}
	}
	for i := range b.groups {
		n += b.groups[i].rows.sizeBytes()
	}
	return n + b.callKeys.sizeBytes()
}
