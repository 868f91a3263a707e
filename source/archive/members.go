package archive

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/internal/newest"
)

// A member is a file in an archive: 48 bytes, and its name in the catalog's names. An archive may have a million.
type member struct {
	size    int64 // uncompressed, -1 where unknown
	offset  int64 // of its bytes in a tar; of its header in a zip
	packed  int64 // as it lies in a zip
	modTime int64 // Unix seconds, 0 where unknown
	crc     uint32
	name    nameRef
	length  uint16 // of the name
	method  uint16 // of a zip
	form    form
	hidden  bool // kept metadata of another member, or not taken
}

type form uint8

const (
	plainForm form = iota // its bytes lie in the archive as they are
	zipForm               // through its method of compression, checked by CRC-32
	cutForm               // as zipForm, without its true size and checksum: the archive ends in it
)

// A nameRef is where a name begins. Later names have larger ones.
type nameRef uint32

// nameChunk is what names are kept by: a power of two above maxName.
const nameChunk = 1 << 20

// names keeps names one behind the other in chunks, none of which moves.
type names struct{ chunks [][]byte }

// add keeps a name of at most maxName bytes, and those of its suffix.
func (n *names) add(name string) nameRef {
	last := len(n.chunks) - 1
	if last < 0 || len(n.chunks[last])+len(name) > nameChunk {
		n.chunks = append(n.chunks, make([]byte, 0, nameChunk))
		last++
	}
	at := len(n.chunks[last])
	n.chunks[last] = append(n.chunks[last], name...)
	return nameRef(last*nameChunk + at)
}

func (n *names) bytes() int { return len(n.chunks) * nameChunk }

// nameOf is the path of a member below the archive.
func (c *catalog) nameOf(m *member) []byte {
	at := int(m.name % nameChunk)
	return c.names.chunks[m.name/nameChunk][at : at+int(m.length)]
}

// An index finds members by their names: open addressing, 0 for an empty slot, else the number of the member and one.
type nameIndex struct {
	seed  maphash.Seed
	slots []int32
}

func newNameIndex(members int) nameIndex {
	n := 16
	for n < 2*members {
		n *= 2
	}
	return nameIndex{maphash.MakeSeed(), make([]int32, n)}
}

// slot is where a name stands, or would.
func (c *catalog) slot(name []byte) *int32 {
	slots := c.index.slots
	for h := maphash.Bytes(c.index.seed, name); ; h++ {
		slot := &slots[h%uint64(len(slots))]
		if *slot == 0 || string(c.nameOf(&c.members[*slot-1])) == string(name) {
			return slot
		}
	}
}

// member finds one by its name, nil where there is none.
func (c *catalog) member(inner string) *member {
	if slot := c.slot([]byte(inner)); *slot != 0 {
		return &c.members[*slot-1]
	}
	return nil
}

// finish gives members of one name names of their own, so that all of them come in, and puts them in order.
func (c *catalog) finish() {
	c.index = newNameIndex(len(c.members))
	for i := range c.members {
		c.enter(i)
	}
	for i := range c.members {
		if of, ok := strings.CutSuffix(string(c.nameOf(&c.members[i])), source.SidecarSuffix); ok && c.member(of) != nil {
			c.members[i].hidden = true
		}
	}
	for as, n := range c.passed {
		c.problems = append(c.problems, as.problem(c.key, fmt.Sprintf("%d more members: %s", n, as.reason)))
	}
	c.arrange()
}

// maxSame is how many members may have one name.
const maxSame = 100

// enter enters a member into the index: as "NAME (2)" where its name is taken.
func (c *catalog) enter(i int) {
	m := &c.members[i]
	slot := c.slot(c.nameOf(m))
	if *slot == 0 {
		*slot = int32(i + 1)
		return
	}
	name := string(c.nameOf(m))
	for n := 2; n <= maxSame; n++ {
		own := name + " (" + strconv.Itoa(n) + ")"
		if slot := c.slot([]byte(own)); *slot == 0 {
			m.name, m.length = c.names.add(own), uint16(len(own))
			*slot = int32(i + 1)
			return
		}
	}
	m.hidden = true
	c.pass(name, passedAs{reason: fmt.Sprintf("more than %d members have this name", maxSame)})
}

// arrange puts the newest first, as far as names tell.
func (c *catalog) arrange() {
	times := make([]int64, len(c.members))
	c.order = make([]int32, len(c.members))
	for i := range c.members {
		c.order[i] = int32(i)
		m := &c.members[i]
		times[i] = m.modTime - 1<<40 // behind all whose name tells
		name := c.nameOf(m)
		if t, ok := newest.NameTime(string(name[bytes.LastIndexByte(name, '/')+1:])); ok {
			times[i] = t.Unix()
		}
	}
	slices.SortStableFunc(c.order, func(a, b int32) int {
		switch {
		case times[a] > times[b]:
			return -1
		case times[a] < times[b]:
			return 1
		}
		return 0
	})
}

// file is a member as it is listed. It may have changed where the archive did, so the archive's size and time stand as
// its entity tag.
func (c *catalog) file(m *member) source.File {
	f := source.File{Key: c.key + "/" + string(c.nameOf(m)), SizeBytes: m.size, ETag: c.tag, Fleeting: true}
	if m.modTime > 0 {
		f.ModTime = time.Unix(m.modTime, 0).UTC()
	}
	return f
}
