package archive

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxDamages is how often reading a tar goes on behind damage.
const maxDamages = 100

// readTar lists a tar by its headers. Behind a damaged header it goes on at the next block that is one.
func (c *catalog) readTar(ctx context.Context, size int64) error {
	t := &tarReading{catalog: c, ctx: ctx, size: size}
	defer t.look.close()
	for from, damages := int64(0), 0; from >= 0; damages++ {
		end, err := t.from(from)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			return nil
		case damages == maxDamages:
			c.problem("damaged in many places: the rest is not read")
			return nil
		}
		if from, err = t.nextHeader(end); err != nil {
			return err
		}
		if from < 0 {
			c.problem(fmt.Sprintf("damaged at byte %d", end))
			return nil
		}
		c.problem(fmt.Sprintf("damaged at byte %d, read on at byte %d", end, from))
	}
	return nil
}

type tarReading struct {
	*catalog
	ctx  context.Context
	size int64
	look sniffer
}

// from reads headers from an offset on; end is where they became unreadable.
func (t *tarReading) from(start int64) (end int64, err error) {
	section := io.NewSectionReader(t.at, start, t.size-start)
	r := tar.NewReader(section)
	for {
		if err := t.ctx.Err(); err != nil {
			return 0, err
		}
		before, _ := section.Seek(0, io.SeekCurrent)
		h, err := r.Next()
		at, _ := section.Seek(0, io.SeekCurrent)
		at += start
		switch {
		case errors.Is(err, io.EOF):
			return at, nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			if at >= t.size {
				t.early("")
				return at, nil
			}
			return max(start+before, at-headBytes), err
		case err != nil:
			return max(start+before, at-headBytes), err
		}
		if full, cut := t.entry(h, at); full || cut {
			return at, nil
		}
	}
}

// entry takes a member whose bytes begin at an offset. cut says that the archive ends in it.
func (t *tarReading) entry(h *tar.Header, at int64) (full, cut bool) {
	if reason := tarKind(h); reason != "" {
		if h.Typeflag != tar.TypeDir {
			t.pass(h.Name, passedAs{reason, true})
		}
		return false, false
	}
	m := member{size: h.Size, offset: at}
	if at+h.Size > t.size {
		cut = true
		m.size = max(t.size-at, 0)
		t.early(", in its member " + h.Name)
	}
	if m.size == 0 {
		return false, cut
	}
	if !h.ModTime.IsZero() {
		m.modTime = h.ModTime.Unix()
	}
	if !isLog(h.Name) && t.look.kind(io.NewSectionReader(t.at, at, m.size)) != noArchive {
		t.pass(h.Name, passedAs{nested, true})
		return false, cut
	}
	return t.take(h.Name, m), cut
}

// early tells that the archive ends before its end mark, unless it was told already.
func (t *tarReading) early(where string) {
	if !t.part {
		t.problem("the archive ends early" + where)
	}
}

// nested is told of archives in archives.
const nested = "an archive within an archive, not opened"

// tarKind says what an entry is that holds no bytes of a file, "" where it does.
func tarKind(h *tar.Header) string {
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeCont:
	case tar.TypeDir:
		return "a folder"
	case tar.TypeLink, tar.TypeSymlink:
		return "a link in an archive, not followed"
	case tar.TypeChar, tar.TypeBlock:
		return "a device in an archive"
	case tar.TypeFifo:
		return "a pipe in an archive"
	case tar.TypeGNUSparse:
		return "a file with holes in an archive, not read"
	default:
		return "an entry of unknown kind in an archive"
	}
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return "a file with holes in an archive, not read"
		}
	}
	return ""
}

// nextHeader is the offset of the next block from an offset on that is a header, -1 where there is none.
func (t *tarReading) nextHeader(from int64) (int64, error) {
	buf := make([]byte, 128*headBytes)
	from = (from/headBytes + 1) * headBytes
	for from < t.size {
		if err := t.ctx.Err(); err != nil {
			return -1, err
		}
		n, err := t.at.ReadAt(buf, from)
		for i := 0; i+headBytes <= n; i += headBytes {
			if isTar(buf[i : i+headBytes]) {
				return from + int64(i), nil
			}
		}
		if errors.Is(err, io.EOF) {
			return -1, nil
		}
		if err != nil {
			return -1, archiveError(t.key, "could not be read", err)
		}
		from += int64(n)
	}
	return -1, nil
}
