package archive

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
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
	switch err := z.directory(); {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		c.members, c.names, c.problems, c.passed = nil, names{}, nil, nil
		return c.byHeaders(z, err)
	}
	z.settle()
	return ctx.Err()
}

type zipReading struct {
	*catalog
	ctx  context.Context
	size int64
	base int64 // what offsets in the directory are counted from
	look sniffer
	head [sniffBytes]byte
	// scanned is what is at hand of the archive where it is gone through for headers, from scannedAt on.
	scanning, scanned []byte
	scannedAt         int64
	// suspects is what members inflate to of which each is above the ratio: small ones may be, few of them.
	suspects int64
}

// entry takes a member whose header is at an offset, if it is one to be read. cut says that the archive ends in it, full
// that no more are taken.
func (z *zipReading) entry(f *zip.FileHeader, at int64, cut bool) (full bool) {
	m, ok := z.checked(f, at, cut)
	return ok && z.take(f.Name, m)
}

// checked is a member whose header is at an offset; cut says that the archive ends in it.
func (z *zipReading) checked(f *zip.FileHeader, at int64, cut bool) (m member, ok bool) {
	as := passedAs{}
	switch mode := f.Mode(); {
	case strings.HasSuffix(f.Name, "/"), strings.HasSuffix(f.Name, `\`), f.UncompressedSize64 == 0 && f.CompressedSize64 <= 16 && !cut:
		return m, false
	case mode.Type() != 0:
		as = passedAs{"a link or special file in an archive, not followed", true}
	case f.Flags&encryptedFlag != 0:
		as.reason = "encrypted with a password"
	case f.Method != stored && f.Method != deflated:
		as.reason = fmt.Sprintf("compressed by method %d, which is not read", f.Method)
	case f.UncompressedSize64 > 1<<62 || f.CompressedSize64 > uint64(z.size):
		as.reason = "its size in the directory cannot be true"
	case at < 0 || at > z.size-localBytes:
		as.reason = "damaged: no member where the directory says"
	}
	if as.reason != "" {
		z.pass(f.Name, as)
		return m, false
	}
	m = member{
		size: int64(f.UncompressedSize64), packed: int64(f.CompressedSize64), offset: at, crc: f.CRC32, method: f.Method, form: zipForm,
	}
	if cut {
		m.size, m.form = -1, cutForm
	}
	if t := f.Modified; !t.IsZero() {
		m.modTime = t.Unix()
	}
	return m, true
}

// settle drops members that are not to be read: one that reaches into the next, or lies where another does by the
// directory, what inflates too far, and archives.
func (z *zipReading) settle() {
	order := func(a, b member) int { return cmp.Or(cmp.Compare(a.offset, b.offset), cmp.Compare(b.name, a.name)) }
	if !slices.IsSortedFunc(z.members, order) {
		slices.SortFunc(z.members, order)
	}
	next := z.size // where the member behind begins
	for i := len(z.members) - 1; i >= 0 && z.ctx.Err() == nil; i-- {
		m := &z.members[i]
		if as := z.refused(m, next); as.reason != "" {
			z.pass(string(z.nameOf(m)), as)
			m.hidden = true
			continue
		}
		next = m.offset
	}
	z.members = slices.DeleteFunc(z.members, func(m member) bool { return m.hidden })
}

// refused says why a member is not to be read, where the one behind it begins at next.
func (z *zipReading) refused(m *member, next int64) passedAs {
	end := m.offset + localBytes + m.packed // its name lies between, too
	suspect := m.size > z.limits.Ratio*m.packed
	switch {
	case end > z.size:
		return passedAs{reason: "damaged: the archive ends before it does"}
	case end > next:
		return passedAs{reason: "overlaps another member"}
	case suspect && z.suspects+m.size > z.limits.Free:
		return passedAs{reason: fmt.Sprintf("inflates to more than %d times its size", z.limits.Ratio)}
	case !isLog(string(z.nameOf(m))) && z.isArchive(m):
		return passedAs{nested, true}
	case suspect:
		z.suspects += m.size
	}
	return passedAs{}
}

// sniffBytes of a member, from its header on, tell mostly whether it is an archive.
const sniffBytes = 2 << 10

// isArchive looks at the beginning of a member. One read is enough, unless it is compressed itself.
func (z *zipReading) isArchive(m *member) bool {
	if m.size >= 0 && m.size < smallest {
		return false
	}
	const extra = 256 // as much as extra fields take mostly
	n, _ := z.at.ReadAt(z.head[:min(sniffBytes, localBytes+int64(m.length)+extra+m.packed)], m.offset)
	if n < localBytes {
		return false // told when it is opened
	}
	from := localBytes + int(namesLength(z.head[:]))
	if to := min(int64(n), int64(from)+m.packed); int64(from) < to && (m.packed <= to-int64(from) || to-int64(from) > headBytes+headBytes/2) {
		head := io.Reader(bytes.NewReader(z.head[from:to]))
		if m.method == stored {
			return z.look.kind(io.LimitReader(head, m.size)) != noArchive
		}
		inflated := z.inflate.get(head)
		defer z.inflate.put(inflated)
		return z.look.kind(inflated) != noArchive
	}
	z.refs.Add(1)
	b, err := z.body(z.ctx, m)
	if err != nil {
		return false
	}
	defer func() { _ = b.Close() }()
	return z.look.kind(b) != noArchive
}
