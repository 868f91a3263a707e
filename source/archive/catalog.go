package archive

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/internal/newest"
)

// A catalog is what is in one archive. It is read once, and does not change then.
type catalog struct {
	key      string
	outer    source.File
	limits   Limits
	at       readerAt
	members  []member // the newest first
	byName   map[string]int32
	problems []*source.Error
	passed   map[passedAs]int // members not taken beyond those that are named one by one
	part     bool             // what is at hand is its beginning, and that was told

	refs   atomic.Int32
	closer io.Closer
}

// A member is a file in an archive.
type member struct {
	name    string // below the archive
	size    int64  // uncompressed
	offset  int64  // of its bytes in a tar; of its data in a zip
	packed  int64  // as it lies in a zip
	modTime int64  // Unix seconds, 0 where unknown
	crc     uint32 // of a zip
	method  uint16 // of a zip
	form    form
	hidden  bool // kept metadata of another member
}

type form uint8

const (
	plainForm form = iota // its bytes lie in the archive as they are
	zipForm               // through its method of compression, checked by CRC-32
	cutForm               // as zipForm, without its true size and checksum: the archive ends in it
)

// release gives a reference back; the last one closes.
func (c *catalog) release() error {
	if c.refs.Add(-1) > 0 || c.closer == nil {
		return nil
	}
	return c.closer.Close()
}

// maxNamed is how many members not taken are named one by one; the others are counted by their reason.
const maxNamed = 100

// passedAs is why members were not taken.
type passedAs struct {
	reason  string
	ignored bool
}

// pass names a member that is not taken.
func (c *catalog) pass(name string, as passedAs) {
	if len(c.problems) >= maxNamed {
		if c.passed == nil {
			c.passed = map[passedAs]int{}
		}
		c.passed[as]++
		return
	}
	c.problems = append(c.problems, as.problem(c.key+"/"+name, as.reason))
}

func (as passedAs) problem(thing, reason string) *source.Error {
	e := &source.Error{Thing: thing, Reason: reason}
	if as.ignored {
		e.Err = source.ErrIgnored
	}
	return e
}

// problem names the archive itself.
func (c *catalog) problem(reason string) {
	c.problems = append(c.problems, &source.Error{Thing: c.key, Reason: reason})
}

// take takes a member whose name is still that in the archive. full says that no more are taken.
func (c *catalog) take(m member) (full bool) {
	inner, reason := innerName(m.name)
	if reason != "" {
		c.pass(m.name, passedAs{reason: reason})
		return false
	}
	if len(c.members) >= c.limits.Members {
		c.problem(fmt.Sprintf("holds more than %d members: the rest is not read", c.limits.Members))
		return true
	}
	m.name = strings.Clone(inner)
	c.members = append(c.members, m)
	return false
}

// finish orders the members and gives those of one name names of their own: all of them come in.
func (c *catalog) finish() {
	if c.byName == nil {
		c.byName = make(map[string]int32, len(c.members))
	}
	for i := range c.members {
		m := &c.members[i]
		name := m.name
		for n := 2; ; n++ {
			if _, taken := c.byName[name]; !taken {
				break
			}
			name = m.name + " (" + strconv.Itoa(n) + ")"
			if n > maxSame {
				m.hidden = true
				c.pass(m.name, passedAs{reason: fmt.Sprintf("more than %d members have this name", maxSame)})
				break
			}
		}
		if m.name = name; !m.hidden {
			c.byName[name] = int32(i)
		}
	}
	for i := range c.members {
		if of, ok := strings.CutSuffix(c.members[i].name, source.SidecarSuffix); ok {
			if _, ok := c.byName[of]; ok {
				c.members[i].hidden = true
			}
		}
	}
	for as, n := range c.passed {
		c.problems = append(c.problems, as.problem(c.key, fmt.Sprintf("%d more members: %s", n, as.reason)))
	}
	c.order()
}

// maxSame is how many members may have one name.
const maxSame = 100

// order puts the newest first, as far as names tell.
func (c *catalog) order() {
	times := make([]int64, len(c.members))
	ids := make([]int32, len(c.members))
	for i := range c.members {
		ids[i] = int32(i)
		m := &c.members[i]
		times[i] = m.modTime - 1<<40 // behind all whose name tells
		if t, ok := newest.NameTime(m.name[strings.LastIndexByte(m.name, '/')+1:]); ok {
			times[i] = t.Unix()
		}
	}
	slices.SortStableFunc(ids, func(a, b int32) int { return cmp.Compare(times[b], times[a]) })
	ordered := make([]member, len(ids))
	for i, id := range ids {
		ordered[i] = c.members[id]
		if m := &ordered[i]; c.byName[m.name] == id {
			c.byName[m.name] = int32(-i - 1) // not to be taken for an old number
		}
	}
	for name, n := range c.byName {
		c.byName[name] = -n - 1
	}
	c.members = ordered
}

func (c *catalog) member(inner string) *member {
	i, ok := c.byName[inner]
	if !ok {
		return nil
	}
	return &c.members[i]
}

// file is a member as it is listed. It may have changed where the archive did, so the archive's size and time stand as
// its entity tag.
func (c *catalog) file(m *member) source.File {
	f := source.File{
		Key: c.key + "/" + m.name, SizeBytes: m.size, Fleeting: true,
		ETag: fmt.Sprintf("%x-%x", c.outer.SizeBytes, c.outer.ModTime.UnixNano()),
	}
	if m.modTime > 0 {
		f.ModTime = time.Unix(m.modTime, 0).UTC()
	}
	return f
}

// sidecarMaxBytes bounds a sidecar.
const sidecarMaxBytes = 64 << 10

// meta is what the sidecar beside a member says, nil where there is none.
func (c *catalog) meta(ctx context.Context, m *member) map[string]string {
	side := c.member(m.name + source.SidecarSuffix)
	if side == nil || side.size > sidecarMaxBytes {
		return nil
	}
	c.refs.Add(1)
	b := c.body(ctx, side)
	defer func() { _ = b.Close() }()
	text, err := io.ReadAll(io.LimitReader(b, sidecarMaxBytes))
	if err != nil {
		return nil
	}
	meta, err := source.ParseSidecar(text)
	if err != nil {
		return nil
	}
	return meta
}

// read reads what is in the archive. The body is closed by it, or with the catalog.
func (c *catalog) read(ctx context.Context, body io.ReadCloser, k kind) error {
	at, ok := body.(readerAt)
	if !ok || k != zipArchive && k != tarArchive {
		defer func() { _ = body.Close() }()
		s, err := c.spool(ctx, body, k)
		if err != nil {
			return err
		}
		at = s
		c.closer = s
	} else {
		c.closer = body
	}
	c.at = at
	size, err := at.Size()
	if err != nil {
		return err
	}
	if k == zipArchive {
		return c.readZip(ctx, size)
	}
	return c.readTar(ctx, size)
}
