package index

import (
	"encoding/binary"

	"github.com/trailsift/trailsift/source"
)

// A group is fields whose values depend on few leaves that repeat together. They are worked out once for each different
// content of these leaves; a document holds one number for the whole group, its row.
type group uint8

const (
	byItself group = iota // no group
	ofCall                // what was called and how it ended: by the leaves in callKey
	ofCaller              // who called: by userIdentity, except for what ownCaller says
	numGroups
)

// groupNames name the groups in a segment; byItself has no parts.
var groupNames = [numGroups]string{ofCall: "(call)", ofCaller: "(caller)"}

// groupFields are the fields of each group; those of byItself that are read from the record.
var groupFields = func() (of [numGroups][]int) {
	for i := range fields {
		if fields[i].read != nil {
			of[fields[i].group] = append(of[fields[i].group], i)
		}
	}
	return of
}()

// A grouped holds what the documents of a builder have in the fields of a group.
type grouped struct {
	rows *interner // a code of each field, 4 bytes each
	docs []uint32  // per document: the row

	// of the segment that is encoded
	inOrder []uint32 // per document in its order: the row
	counts  []uint32 // per row: documents
}

// code is what a row has in the k-th field of the group.
func (g *grouped) code(row uint32, k int) uint32 {
	return binary.LittleEndian.Uint32(g.rows.text(row)[4*k:])
}

// arrange prepares for the encoding of documents.
func (g *grouped) arrange(order []uint32) {
	g.counts = zeroed(g.counts, g.rows.len()+1)
	g.inOrder = g.inOrder[:0]
	for _, d := range order {
		row := g.docs[d]
		g.inOrder = append(g.inOrder, row)
		g.counts[row]++
	}
}

// zeroed is a slice of n zeros, in the memory of s where that is enough.
func zeroed(s []uint32, n int) []uint32 {
	if cap(s) < n {
		return make([]uint32, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// A caller is what the records with a userIdentity have in ofCaller.
type caller struct {
	serial uint64 // of the source.IdentityRef
	row    uint32
	likes  likes
}

// A call is what the records with a callKey have in ofCall.
type call struct {
	row uint32
	// ownCaller says that who acted does not stand in userIdentity alone: insights, sums and audits of other products.
	ownCaller bool
	likes     likes
}

// addGroups takes the fields of the groups of one event, and gives what other events had with the same call and with the
// same caller.
func (b *builder) addGroups(e *source.Event) (ofThis, ofWho *likes) {
	b.key = appendCallKey(b.key[:0], e)
	n := b.callKeys.add(b.key)
	if int(n) > len(b.calls) {
		b.calls = append(b.calls, call{row: b.row(ofCall), ownCaller: ownCaller(e)})
	}
	c := &b.calls[n-1]
	b.now.call = n
	calls, callers := &b.groups[ofCall], &b.groups[ofCaller]
	calls.docs = append(calls.docs, c.row)

	ref := e.Identity()
	if ref.Serial == 0 || c.ownCaller || len(e.Text(source.LeafMFAUsed)) > 0 || len(e.Text(source.LeafLoginUserName)) > 0 {
		callers.docs = append(callers.docs, b.row(ofCaller))
		return &c.likes, &b.nobody
	}
	known := &b.callers[ref.Place]
	if known.serial != ref.Serial {
		*known = caller{serial: ref.Serial, row: b.row(ofCaller)}
	}
	callers.docs = append(callers.docs, known.row)
	return &c.likes, &known.likes
}

// row works out the fields of a group.
func (b *builder) row(g group) uint32 {
	b.tuple = b.tuple[:0]
	for _, i := range groupFields[g] {
		b.tuple = binary.LittleEndian.AppendUint32(b.tuple, b.code(i))
	}
	return b.groups[g].rows.add(b.tuple)
}

// ownCaller tells events whose caller does not depend on userIdentity alone.
func ownCaller(e *source.Event) bool {
	switch string(e.Category()) {
	case "management", "data", "network":
		return false
	}
	return true
}

// callLeaves are the leaves that the fields of ofCall depend on.
var callLeaves = [...]source.Leaf{
	source.LeafEventName, source.LeafEventSource, source.LeafEventType, source.LeafEventCategory, source.LeafManagementEvent,
	source.LeafReadOnly, source.LeafErrorCode, source.LeafTLSVersion, source.LeafInsightEventName, source.LeafInsightEventSource,
	source.LeafInsightType, source.LeafInsightState, source.LeafChannel,
}

// appendCallKey appends what the fields of ofCall depend on.
func appendCallKey(dst []byte, e *source.Event) []byte {
	for _, l := range callLeaves {
		text := e.Text(l)
		dst = binary.AppendUvarint(dst, uint64(len(text)))
		dst = append(dst, text...)
	}
	var bits byte
	for i, yes := range [...]bool{
		e.Flags&source.Reconstructed != 0,
		len(e.Text(source.LeafErrorMessage)) > 0,
		len(e.Text(source.LeafResponseFailure)) > 0,
		e.Text(source.LeafAddendumReason) != nil,
		e.Text(source.LeafAddendumOriginal) != nil,
		string(e.Text(source.LeafRequestOmitted)) == "true",
	} {
		if yes {
			bits |= 1 << i
		}
	}
	return append(dst, bits)
}
