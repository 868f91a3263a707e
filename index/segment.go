package index

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"sort"

	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source"
)

// A segment's parts. Those of a field are named by the letter and the field's name, the others by themselves. A part
// that would say nothing (a field without values, times without fractions) is left out.
const (
	partCodes  = "c:" // column of term codes; of a multi field: of set codes
	partTerms  = "t:" // term dictionary
	partLists  = "p:" // posting lists by term code
	partSets   = "s:" // of a multi field: the term codes of each set
	partRows   = "r:" // of a group: column of rows, from 1; posting lists by row stand under the name of the group
	partOfRow  = "k:" // of a field of a group: column of the term codes by row; row 0, which no document has, is like row 1
	partSecs   = "secs"
	partNanos  = "nanos"
	partIDs    = "ids"
	partOrder  = "id-order"
	partHashes = "hashes"
	partFlags  = "flags"
	partFile   = "file"     // column: local number of the log file, from 1
	partFiles  = "files"    // by local number: log file number, place number, version, code of its key
	partOffset = "offset"   // of the record in the content
	partLength = "length"   // of the record
	partPos    = "position" // of the record in the log file
	partForm   = "form"     // source.Form
)

// Flags of a document: source.Flags in the lower bits, and
const docGUID byte = 1 << 7 // the id column holds the eventID itself, else a hash of the record stands in for it

// plainParts are the parts that belong to no field, in the order of Stats.
var plainParts = []string{
	partSecs, partNanos, partIDs, partOrder, partHashes, partFlags, partFile, partFiles, partOffset, partLength, partPos, partForm,
}

const secsBias = 1 << 40 // makes every second from the year 0 on positive

// segmentMeta is what the manifest says of a segment.
type segmentMeta struct {
	id             uint32
	docs, timed    int
	minSec, maxSec int64 // of the timed documents
	shown          int   // documents that are not hidden
	shownUntimed   int
	conflicts      int // documents marked as conflict
	variants       int // of the hidden
	replaced       int // of the hidden: copies in an older version of the same log file
	salvaged       int // of the shown
	bytes          int64
	overlay        uint64 // generation in which its overlay was written; 0: none
}

// hidden is how many documents are not shown.
func (m *segmentMeta) hidden() int { return m.docs - m.shown }

// A partRef says where a part lies.
type partRef struct {
	chunk    uint32
	off, len uint32
	sum      uint32 // CRC-32C
}

// segmentDir is the parsed directory of a segment; segments never change, so it is kept on the heap.
type segmentDir struct {
	docs, timed, files int
	parts              map[string]partRef
	codes, terms       [len(fields)]partRef
	lists, sets        [len(fields)]partRef
	ofRow              [len(fields)]partRef
	rows, rowLists     [numGroups]partRef
}

var errSegment = errors.New("segment is not well formed")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const segmentMagic = "tsg1"

// dirTail is what stands at the end of chunk 0: the length of the directory before it, its checksum, the magic.
const dirTail = 12

// appendDir encodes a directory, as the end of chunk 0: there it needs no copy of what it describes.
func appendDir(dst []byte, docs, timed, files int, names []string, refs []partRef) []byte {
	start := len(dst)
	for _, n := range []int{docs, timed, files, len(names)} {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	for i, name := range names {
		dst = appendText(dst, name)
		for _, v := range []uint32{refs[i].chunk, refs[i].off, refs[i].len} {
			dst = binary.AppendUvarint(dst, uint64(v))
		}
		dst = binary.LittleEndian.AppendUint32(dst, refs[i].sum)
	}
	body := dst[start:]
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(body)))
	dst = binary.LittleEndian.AppendUint32(dst, crc32.Checksum(body, castagnoli))
	return append(dst, segmentMagic...)
}

// parseDir reads what appendDir wrote.
func parseDir(chunk []byte) (*segmentDir, error) {
	end := len(chunk) - dirTail
	if end < 0 || string(chunk[end+8:]) != segmentMagic {
		return nil, errSegment
	}
	size := int(binary.LittleEndian.Uint32(chunk[end:]))
	if size > end || crc32.Checksum(chunk[end-size:end], castagnoli) != binary.LittleEndian.Uint32(chunk[end+4:]) {
		return nil, fmt.Errorf("%w: checksum of its directory", errSegment)
	}
	r := reader{b: chunk[end-size : end]}
	d := &segmentDir{docs: r.int(), timed: r.int(), files: r.int(), parts: map[string]partRef{}}
	for n := r.int(); n > 0 && r.err == nil; n-- {
		name := r.text()
		ref := partRef{chunk: uint32(r.int()), off: uint32(r.int()), len: uint32(r.int())}
		ref.sum = r.uint32()
		d.parts[name] = ref
	}
	if r.err != nil || d.timed > d.docs {
		return nil, errSegment
	}
	for i := range fields {
		name := fields[i].Name
		d.codes[i], d.terms[i] = d.parts[partCodes+name], d.parts[partTerms+name]
		d.lists[i], d.sets[i] = d.parts[partLists+name], d.parts[partSets+name]
		d.ofRow[i] = d.parts[partOfRow+name]
	}
	for g, name := range groupNames {
		d.rows[g], d.rowLists[g] = d.parts[partRows+name], d.parts[partLists+name]
	}
	return d, nil
}

// A segmentView reads one segment inside one transaction. Everything it gives is valid until the transaction ends,
// unless it says otherwise. It is not safe for concurrent use; views of different segments are.
type segmentView struct {
	meta   segmentMeta
	dir    *segmentDir
	over   *overlay
	places map[uint32]placeRow
	// verdicts are those of all log files of the store.
	verdicts verdictTable
	chunk0   []byte
	load     func(chunk uint32) []byte // further chunks
	secs     numbers
	nanos    numbers
	hasSecs  bool
	idBytes  []byte  // see openIDs
	marks    numbers // flags
	hasIDs   bool
	err      error // the first part that could not be read; such a part reads as empty
}

func (v *segmentView) docs() int  { return v.dir.docs }
func (v *segmentView) timed() int { return v.dir.timed }

// segmentID names the segment, for Ref.
func (v *segmentView) segmentID() uint32 { return v.meta.id }

func (v *segmentView) part(ref partRef) []byte {
	if ref.len == 0 {
		return nil
	}
	chunk := v.chunk0
	if ref.chunk != 0 {
		chunk = v.load(ref.chunk)
	}
	if uint64(ref.off)+uint64(ref.len) > uint64(len(chunk)) {
		v.fail(errSegment)
		return nil
	}
	return chunk[ref.off : ref.off+ref.len : ref.off+ref.len]
}

func (v *segmentView) fail(err error) {
	if v.err == nil && err != nil {
		v.err = fmt.Errorf("segment %d: %w", v.meta.id, err)
	}
}

func (v *segmentView) numbers(name string, n int) numbers {
	b := v.part(v.dir.parts[name])
	if b == nil {
		return numbers{}
	}
	c, err := openNumbers(b, n)
	v.fail(err)
	return c
}

func (v *segmentView) openTimes() {
	if !v.hasSecs {
		v.secs, v.nanos, v.hasSecs = v.numbers(partSecs, v.timed()), v.numbers(partNanos, v.timed()), true
	}
}

// time of a document below timed().
func (v *segmentView) time(doc uint32) (sec int64, nsec int32) {
	v.openTimes()
	return int64(v.secs.at(doc)) - secsBias, int32(v.nanos.at(doc))
}

// firstNotAfter is the first document whose time is not after the given one; timed() where there is none.
func (v *segmentView) firstNotAfter(sec int64, nsec int32) uint32 {
	return uint32(sort.Search(v.timed(), func(i int) bool {
		s, n := v.time(uint32(i))
		return s < sec || s == sec && n <= nsec
	}))
}

// firstBefore is the first document whose time is before the given one; timed() where there is none.
func (v *segmentView) firstBefore(sec int64, nsec int32) uint32 {
	return uint32(sort.Search(v.timed(), func(i int) bool {
		s, n := v.time(uint32(i))
		return s < sec || s == sec && n < nsec
	}))
}

// openIDs finds the parts that comparing documents asks for again and again.
func (v *segmentView) openIDs() {
	if !v.hasIDs {
		v.idBytes, v.marks, v.hasIDs = v.ids(), v.numbers(partFlags, v.docs()), true
	}
}

// id is the eventID where guid is true, else a hash that stands for the whole record.
func (v *segmentView) id(doc uint32) (id [16]byte, guid bool) {
	v.openIDs()
	if len(v.idBytes) < 16*int(doc)+16 {
		return id, false
	}
	return [16]byte(v.idBytes[16*doc:]), byte(v.marks.at(doc))&docGUID != 0
}

// ids is the id column, 16 bytes a document.
func (v *segmentView) ids() []byte { return v.part(v.dir.parts[partIDs]) }

// idOrder lists the documents by ascending id.
func (v *segmentView) idOrder() numbers { return v.numbers(partOrder, v.docs()) }

// findID visits the documents that have an id, in no order of meaning.
func (v *segmentView) findID(id [16]byte, visit func(doc uint32)) {
	ids, order := v.ids(), v.idOrder()
	n := v.docs()
	if len(ids) != 16*n || len(order.data) != order.width*n {
		return
	}
	at := func(i int) []byte { d := order.at(uint32(i)); return ids[16*d : 16*d+16] }
	for i := sort.Search(n, func(i int) bool { return bytes.Compare(at(i), id[:]) >= 0 }); i < n && bytes.Equal(at(i), id[:]); i++ {
		visit(uint32(order.at(uint32(i))))
	}
}

// hash is the keyed hash of the record's bytes.
func (v *segmentView) hash(doc uint32) uint64 { return v.numbers(partHashes, v.docs()).at(doc) }

// flags are source.Flags and docGUID.
func (v *segmentView) flags(doc uint32) byte {
	v.openIDs()
	return byte(v.marks.at(doc))
}

// column is the codes of a single-valued field. Of a multi-valued field it is the codes of sets: see multi. The time
// field has none; id has codes only for ids that are no GUID in lower case; see appendValue.
func (v *segmentView) column(f int) column {
	switch fields[f].origin {
	case fromFile:
		if v.dir.codes[f].len == 0 {
			return v.files()
		}
	case fromVerdict:
		return v.verdictColumn()
	case fromCopies:
		return v.copyVerdicts().column
	case fromConflict:
		return v.over.conflictColumn(v.docs())
	case fromRecord, fromTime, fromID:
	}
	if v.dir.ofRow[f].len != 0 {
		return v.rowColumn(f)
	}
	b := v.part(v.dir.codes[f])
	if b == nil {
		return column{docs: v.docs()}
	}
	c, err := openColumn(b, v.docs())
	v.fail(err)
	return c
}

// terms is the dictionary of a field.
func (v *segmentView) terms(f int) termDict {
	switch fields[f].origin {
	case fromVerdict, fromCopies:
		return verdictDict
	case fromConflict:
		return boolDict
	case fromRecord, fromTime, fromID, fromFile:
	}
	d, err := openDict(v.part(v.dir.terms[f]))
	v.fail(err)
	return d
}

// boolDict is the dictionary of the conflict field.
var boolDict = fixedDict("false", "true")

func fixedDict(terms ...string) termDict {
	d, err := openDict(appendDict(nil, 0, len(terms), func(i int) []byte { return []byte(terms[i]) }))
	if err != nil {
		panic("index: " + err.Error())
	}
	return d
}

// lists is the posting lists of a field; empty for those that have none (see field.listed).
func (v *segmentView) lists(f int) fieldLists {
	if v.dir.ofRow[f].len != 0 {
		return v.rowLists(f)
	}
	p, err := openPostings(v.part(v.dir.lists[f]))
	v.fail(err)
	return fieldLists{postings: p}
}

// hasLists says whether a field has posting lists. id fields, log, verdicts and conflict answer by column.
func hasLists(f int) bool { return fields[f].listed() }

// A multi reads a multi-valued field. Equal lists of values are stored once, as a set; a document names its set. So a
// facet counts sets first and then goes through the sets, not the documents.
type multi struct {
	column         // code(doc) is the set, 0 = no values
	offsets, codes numbers
	n              int
}

// sets is the number of sets; their codes run from 1.
func (m multi) sets() int { return m.n }

// set appends the term codes of a set, in order of appearance in the record.
func (m multi) set(dst []uint32, set uint32) []uint32 {
	if set == 0 || int(set) > m.n {
		return dst
	}
	for i := m.offsets.at(set - 1); i < m.offsets.at(set); i++ {
		dst = append(dst, uint32(m.codes.at(uint32(i))))
	}
	return dst
}

// values appends the term codes of a document.
func (m multi) values(dst []uint32, doc uint32) []uint32 { return m.set(dst, m.code(doc)) }

// multi opens a multi-valued field.
func (v *segmentView) multi(f int) multi {
	if fields[f].origin == fromCopies {
		return v.copyVerdicts()
	}
	m := multi{column: v.column(f)}
	b := v.part(v.dir.sets[f])
	if b == nil {
		return multi{column: column{docs: v.docs()}}
	}
	var err error
	m.n, m.offsets, m.codes, err = openSets(b)
	v.fail(err)
	return m
}

// appendValue appends the text of a single-valued field of a document, nothing where it has none. It knows the id field,
// which other readers of column and terms must treat apart.
func (v *segmentView) appendValue(dst []byte, f int, doc uint32) []byte {
	if code := v.column(f).code(doc); code != 0 {
		return v.terms(f).appendTerm(dst, code)
	}
	if fields[f].origin == fromID {
		if id, guid := v.id(doc); guid {
			return appendGUID(dst, id)
		}
	}
	return dst
}

// overlay says what is shown of the segment; never nil, and may be kept.
func (v *segmentView) overlay() *overlay { return v.over }

// files is the column of local log file numbers, from 1 in the order of (key, place, newer version first).
func (v *segmentView) files() column {
	c, err := openColumn(v.part(v.dir.parts[partFile]), v.docs())
	v.fail(err)
	return c
}

// A segmentFile is a log file of a segment.
type segmentFile struct {
	no      uint32 // log file number: one for each version of each log file
	place   uint32
	version uint32
	key     uint32 // code of its key in the log field
}

// fileAt is the log file with a local number.
func (v *segmentView) fileAt(local uint32) (f segmentFile, ok bool) {
	n := v.numbers(partFiles, 4*v.dir.files)
	if local == 0 || int(local) > v.dir.files || n.width == 0 && n.data == nil && v.dir.parts[partFiles].len == 0 {
		return f, false
	}
	i := 4 * (local - 1)
	return segmentFile{uint32(n.at(i)), uint32(n.at(i + 1)), uint32(n.at(i + 2)), uint32(n.at(i + 3))}, true
}

// file is the log file of a document.
func (v *segmentView) file(doc uint32) segmentFile {
	f, _ := v.fileAt(v.files().code(doc))
	return f
}

// A logFile is a log file by its names, as the order of events needs them.
type logFile struct {
	key     string
	place   string // identity of the place when it was first seen
	version uint32 // the newer one comes first
}

// logFile names the log file of a document.
func (v *segmentView) logFile(doc uint32) logFile {
	f := v.file(doc)
	return logFile{
		key:     string(v.terms(fieldLog).term(f.key)),
		place:   v.places[f.place].first,
		version: f.version,
	}
}

// span is where the record lies in the content of its log file.
func (v *segmentView) span(doc uint32) source.Span {
	return source.Span{
		Offset: int64(v.numbers(partOffset, v.docs()).at(doc)),
		Length: int64(v.numbers(partLength, v.docs()).at(doc)),
		Form:   source.Form(v.numbers(partForm, v.docs()).at(doc)),
	}
}

// position is the record's number in its log file.
func (v *segmentView) position(doc uint32) uint32 {
	return uint32(v.numbers(partPos, v.docs()).at(doc))
}

// appendSets encodes n sets: their number, offsets into the codes, and the codes.
func appendSets(dst []byte, offsets, codes []uint64) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(offsets)-1))
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = appendNumbers(dst, offsets)
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return appendNumbers(dst, codes)
}

// openSets reads what appendSets wrote.
func openSets(b []byte) (n int, offsets, codes numbers, err error) {
	if len(b) < 8 {
		return 0, offsets, codes, errSegment
	}
	n, size := int(binary.LittleEndian.Uint32(b)), int(binary.LittleEndian.Uint32(b[4:]))
	if n == 0 || size > len(b)-8 {
		return 0, offsets, codes, errSegment
	}
	if offsets, err = openNumbers(b[8:8+size], n+1); err != nil {
		return 0, offsets, codes, err
	}
	codes, err = openNumbers(b[8+size:], int(offsets.at(uint32(n))))
	return n, offsets, codes, err
}

// isMulti says that a field may have several values a document.
func isMulti(f int) bool { return fields[f].Kind == query.Multi }
