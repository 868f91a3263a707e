package archive

import (
	"archive/zip"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

const (
	encryptedFlag = 1
	stored        = zip.Store
	deflated      = zip.Deflate
)

// readZip lists a zip by its directory at the end.
func (c *catalog) readZip(ctx context.Context, size int64) error {
	z := &zipReading{catalog: c, ctx: ctx, size: size}
	defer z.look.close()
	r, err := zip.NewReader(c.at, size)
	if err != nil {
		return c.byHeaders(z, err)
	}
	spans := make([]zipSpan, 0, min(len(r.File), c.limits.Members))
	for i, f := range r.File {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.File[i] = nil
		if len(spans) >= c.limits.Members {
			c.problem(fmt.Sprintf("holds more than %d members: the rest is not read", c.limits.Members))
			break
		}
		if s, ok := z.entry(f); ok {
			spans = append(spans, s)
		}
	}
	z.takeAll(spans)
	return nil
}

type zipReading struct {
	*catalog
	ctx  context.Context
	size int64
	look sniffer
	// suspects is what members inflate to of which each is above the ratio: small ones may be, few of them.
	suspects int64
}

// A zipSpan is a member, and where it begins with its header.
type zipSpan struct {
	member
	order int
}

// entry is a member by the directory; ok is false where it is none to be read.
func (z *zipReading) entry(f *zip.File) (s zipSpan, ok bool) {
	at, err := f.DataOffset()
	if err != nil {
		z.pass(f.Name, passedAs{reason: "damaged: no member where the directory says"})
		return s, false
	}
	return z.checked(f, at, false)
}

// checked is a member whose bytes begin at an offset; cut says that the archive ends in it.
func (z *zipReading) checked(f *zip.File, at int64, cut bool) (s zipSpan, ok bool) {
	as := passedAs{}
	switch mode := f.Mode(); {
	case strings.HasSuffix(f.Name, "/"), strings.HasSuffix(f.Name, `\`), f.UncompressedSize64 == 0 && f.CompressedSize64 <= 16 && !cut:
		return s, false
	case mode.Type() != 0:
		as = passedAs{"a link or special file in an archive, not followed", true}
	case f.Flags&encryptedFlag != 0:
		as.reason = "encrypted with a password"
	case f.Method != stored && f.Method != deflated:
		as.reason = fmt.Sprintf("compressed by method %d, which is not read", f.Method)
	case f.UncompressedSize64 > 1<<62 || f.CompressedSize64 > uint64(z.size):
		as.reason = "its size in the directory cannot be true"
	}
	if as.reason != "" {
		z.pass(f.Name, as)
		return s, false
	}
	s.member = member{
		name: f.Name, size: int64(f.UncompressedSize64), packed: int64(f.CompressedSize64), offset: at,
		crc: f.CRC32, method: f.Method, form: zipForm,
	}
	if cut {
		s.size, s.form = -1, cutForm
	}
	if t := f.Modified; !t.IsZero() {
		s.modTime = t.Unix()
	}
	return s, true
}

// takeAll takes members that lie beside each other: one that reaches into the next is not taken, nor is one whose bytes are
// those of another by the directory.
func (z *zipReading) takeAll(spans []zipSpan) {
	for i := range spans {
		spans[i].order = i
	}
	slices.SortFunc(spans, func(a, b zipSpan) int { return cmp.Or(cmp.Compare(b.offset, a.offset), cmp.Compare(a.order, b.order)) })
	next := z.size // where the member behind begins
	for i := range spans {
		m := spans[i].member
		reason := ""
		switch suspect := m.size > z.limits.Ratio*m.packed; {
		case m.offset+m.packed > z.size:
			reason = "damaged: the archive ends before it does"
		case m.offset+m.packed > next:
			reason = "overlaps another member"
		case suspect && z.suspects+m.size > z.limits.Free:
			reason = fmt.Sprintf("inflates to more than %d times its size", z.limits.Ratio)
		case suspect:
			z.suspects += m.size
		}
		switch {
		case reason != "":
			z.pass(m.name, passedAs{reason: reason})
			continue
		case !isLog(m.name) && z.isArchive(&m):
			z.pass(m.name, passedAs{nested, true})
			continue
		}
		next = m.offset
		if z.take(m) {
			break
		}
	}
	slices.Reverse(z.members)
}

// isArchive looks at the beginning of a member.
func (z *zipReading) isArchive(m *member) bool {
	z.refs.Add(1)
	b := z.body(z.ctx, m)
	defer func() { _ = b.Close() }()
	return z.look.kind(b) != noArchive
}
