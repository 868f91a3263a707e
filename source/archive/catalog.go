package archive

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/trailsift/trailsift/source"
)

// A catalog is what is in one archive. It is read once, and does not change then.
type catalog struct {
	key      string
	outer    source.File
	tag      string // of its members: they may have changed where the archive did
	limits   Limits
	inflate  *inflaters
	at       readerAt
	members  []member
	order    []int32 // the newest first
	names    names
	index    nameIndex
	problems []*source.Error
	passed   map[passedAs]int // members not taken beyond those that are named one by one
	part     bool             // what is at hand is its beginning, and that was told

	refs   atomic.Int32
	closer io.Closer
}

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

// maxNames is how many bytes the names of one archive may take.
const maxNames = 128 << 20

// take takes a member by its name in the archive. full says that no more are taken.
func (c *catalog) take(name string, m member) (full bool) {
	inner, reason := innerName(name)
	switch {
	case reason != "":
		c.pass(name, passedAs{reason: reason})
		return false
	case len(c.members) >= c.limits.Members:
		c.problem(fmt.Sprintf("holds more than %d members: the rest is not read", c.limits.Members))
		return true
	case c.names.bytes() > maxNames:
		c.problem("the names of its members take more than 128 MB: the rest is not read")
		return true
	}
	m.name, m.length = c.names.add(inner), uint16(len(inner))
	c.members = append(c.members, m)
	return false
}

// sidecarMaxBytes bounds a sidecar.
const sidecarMaxBytes = 64 << 10

// meta is what the sidecar beside a member says, nil where there is none.
func (c *catalog) meta(ctx context.Context, m *member) map[string]string {
	side := c.member(string(c.nameOf(m)) + source.SidecarSuffix)
	if side == nil || side.size > sidecarMaxBytes {
		return nil
	}
	c.refs.Add(1)
	b, err := c.body(ctx, side)
	if err != nil {
		return nil
	}
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
