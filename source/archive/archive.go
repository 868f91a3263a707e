// Package archive opens archives of log files that lie in another place: zip, tar, and tar below gzip, zstd or bzip2.
//
// Of wraps a source. What it lists is passed on; a file that is an archive by its content is replaced by its members, with
// keys "logs.zip/AWSLogs/…". Names tell nothing, but for one thing: a file with the whole name of a CloudTrail log file is
// not looked into. Archives are opened one level deep. Nothing is ever unpacked into a folder, so that a name or a link in
// an archive leads nowhere; a compressed tar is held uncompressed in a temporary file without a name for as long as it
// is read.
package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strings"
	"sync"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/disk"
)

// Limits bound what one archive may cost. Zero values stand for those of DefaultLimits.
type Limits struct {
	// Members of one archive that are listed; the rest is named as not read.
	Members int
	// Ratio is how many times its size something may inflate to, once it has inflated to Free bytes. Log files reach some
	// 30; a bomb of gzip 1,000 and more.
	Ratio, Free int64
	// Spool is how many bytes a compressed tar, or standard input, may take uncompressed.
	Spool int64
	// Memory is how much of that is held in memory before a temporary file is made.
	Memory int
	// Leave is how many bytes of the disk with temporary files are left alone, and Room tells what is free there; false
	// where that is not known.
	Leave int64
	Room  func(folder string) (int64, bool)
}

// DefaultLimits are those that are used.
var DefaultLimits = Limits{ //nolint:gochecknoglobals // constant
	Members: 1_000_000, Ratio: 200, Free: 64 << 20, Spool: 64 << 30, Memory: 4 << 20, Leave: 500_000_000, Room: disk.Free,
}

// A Source is a place with archives in it. It is safe for concurrent use. Close gives back what it holds.
type Source struct {
	source.Source
	limits  Limits
	inflate inflaters

	mu     sync.Mutex
	open   []*catalog // the one used last first
	closed bool
}

var _ source.Source = (*Source)(nil)

// Of opens the archives in a place.
func Of(src source.Source) *Source { return OfLimits(src, DefaultLimits) }

// OfLimits is Of with limits of one's own.
func OfLimits(src source.Source, l Limits) *Source {
	return &Source{Source: src, limits: l.withDefaults()}
}

func (l Limits) withDefaults() Limits {
	if l.Room == nil {
		l.Room = DefaultLimits.Room
	}
	return Limits{
		Members: cmp.Or(l.Members, DefaultLimits.Members), Memory: cmp.Or(l.Memory, DefaultLimits.Memory),
		Ratio: cmp.Or(l.Ratio, DefaultLimits.Ratio), Free: cmp.Or(l.Free, DefaultLimits.Free),
		Spool: cmp.Or(l.Spool, DefaultLimits.Spool), Leave: cmp.Or(l.Leave, DefaultLimits.Leave), Room: l.Room,
	}
}

// Close gives back open files and temporary ones. Bodies that are still read stay readable.
func (s *Source) Close() error {
	s.mu.Lock()
	all := s.open
	s.open, s.closed = nil, true
	s.mu.Unlock()
	var errs []error
	for _, c := range all {
		errs = append(errs, c.release())
	}
	return errors.Join(errs...)
}

// List lists the place, and the members of archives where the archive stands, the newest first.
func (s *Source) List(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		var look sniffer
		defer look.close()
		for f, err := range s.Source.List(ctx) {
			if err != nil {
				if !yield(f, err) {
					return
				}
				continue
			}
			kind, err := s.kindOf(ctx, &look, f)
			if err == nil && kind != noArchive {
				if !s.listMembers(ctx, f, kind, yield) {
					return
				}
				continue
			}
			// What cannot be opened is told when it is to be read.
			if !yield(f, nil) {
				return
			}
		}
	}
}

// smallest is the size of the smallest archive: an empty zip.
const smallest = 22

func (s *Source) kindOf(ctx context.Context, look *sniffer, f source.File) (kind, error) {
	if f.SizeBytes >= 0 && f.SizeBytes < smallest || isLog(f.Key) {
		return noArchive, nil
	}
	obj, err := s.Source.Open(ctx, f)
	if err != nil {
		return noArchive, err
	}
	defer obj.Body.Close()
	return look.kind(obj.Body), nil
}

// isLog tells the whole name of a log file or digest.
func isLog(key string) bool {
	k, ok := source.ParseKey(key)
	return ok && !k.Time.IsZero() && strings.HasSuffix(key, ".json.gz")
}

func (s *Source) listMembers(ctx context.Context, f source.File, k kind, yield func(source.File, error) bool) bool {
	c, err := s.catalog(ctx, f, k)
	if ctx.Err() != nil {
		return yield(source.File{}, ctx.Err())
	}
	if err != nil {
		return yield(source.File{Key: f.Key}, err)
	}
	defer func() { _ = c.release() }()
	for _, i := range c.order {
		if err := ctx.Err(); err != nil {
			yield(source.File{}, err)
			return false
		}
		if m := &c.members[i]; !m.hidden && !yield(c.file(m), nil) {
			return false
		}
	}
	for _, p := range c.problems {
		if !yield(source.File{Key: p.Thing}, p) {
			return false
		}
	}
	return true
}

// Open opens a log file of the place, or a member of an archive in it.
func (s *Source) Open(ctx context.Context, f source.File) (*source.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, inner := s.opened(f.Key)
	if c == nil {
		// Most are no members: a file that is there has no archive above it, and no folder need be looked at.
		obj, err := s.Source.Open(ctx, f)
		if err == nil || ctx.Err() != nil {
			return obj, err
		}
		var findErr error
		if c, inner, findErr = s.find(ctx, f); findErr != nil {
			return nil, findErr
		}
		if c == nil {
			return nil, err
		}
	}
	m := c.member(inner)
	if m == nil {
		_ = c.release()
		return nil, &source.Error{Thing: f.Key, Reason: "no such member in the archive", Err: fs.ErrNotExist}
	}
	meta := c.meta(ctx, m)
	b, err := c.body(ctx, m)
	if err != nil {
		return nil, err
	}
	return &source.Object{Body: b, Meta: meta}, nil
}

// find gives the archive that a key leads into, with a reference to it, and the rest of the key; nil where it leads into
// none.
func (s *Source) find(ctx context.Context, f source.File) (c *catalog, inner string, err error) {
	for at := 0; ; {
		n := strings.IndexByte(f.Key[at:], '/')
		if n < 0 {
			return nil, "", nil
		}
		at += n
		outer := source.File{Key: f.Key[:at], SizeBytes: -1}
		at++
		var look sniffer
		k, err := s.kindOf(ctx, &look, outer)
		look.close()
		switch {
		case ctx.Err() != nil:
			return nil, "", ctx.Err()
		case err != nil || k == noArchive:
			continue // a folder
		}
		c, err := s.catalog(ctx, outer, k)
		return c, f.Key[at:], err
	}
}

// opened looks among the archives that are open.
func (s *Source) opened(key string) (c *catalog, inner string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, c := range s.open {
		if inner, ok := strings.CutPrefix(key, c.key+"/"); ok {
			s.touch(i)
			c.refs.Add(1)
			return c, inner
		}
	}
	return nil, ""
}

// touch makes an open archive the one used last.
func (s *Source) touch(i int) {
	c := s.open[i]
	copy(s.open[1:i+1], s.open[:i])
	s.open[0] = c
}

// catalog gives what is in an archive, with a reference to it: the one at hand where the file is as it was.
func (s *Source) catalog(ctx context.Context, f source.File, k kind) (*catalog, error) {
	s.mu.Lock()
	for i, c := range s.open {
		if c.key != f.Key {
			continue
		}
		if f.SizeBytes < 0 || c.outer == f {
			s.touch(i)
			c.refs.Add(1)
			s.mu.Unlock()
			return c, nil
		}
		s.open = append(s.open[:i], s.open[i+1:]...)
		defer func() { _ = c.release() }()
		break
	}
	s.mu.Unlock()
	c, err := s.load(ctx, f, k)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		c.refs.Add(1)
		s.open = append([]*catalog{c}, s.open...)
		s.shed()
	}
	return c, nil
}

const (
	// openArchives and openMembers bound the archives that are held open.
	openArchives = 32
	openMembers  = 1_000_000
)

// shed lets go of the archives used longest ago, beyond what is held open.
func (s *Source) shed() {
	members := 0
	for i, c := range s.open {
		if members += len(c.members); i > 0 && (i >= openArchives || members > openMembers) {
			for _, old := range s.open[i:] {
				_ = old.release()
			}
			clear(s.open[i:])
			s.open = s.open[:i]
			return
		}
	}
}

// load reads what is in an archive.
func (s *Source) load(ctx context.Context, f source.File, k kind) (*catalog, error) {
	obj, err := s.Source.Open(ctx, f)
	if err != nil {
		return nil, err
	}
	c := &catalog{key: f.Key, outer: f, limits: s.limits, inflate: &s.inflate}
	c.tag = fmt.Sprintf("%x-%x", f.SizeBytes, f.ModTime.UnixNano())
	c.refs.Add(1)
	if err := c.read(ctx, obj.Body, k); err != nil {
		_ = c.release()
		return nil, err
	}
	c.finish()
	return c, nil
}

// archiveError is an error about a whole archive.
func archiveError(key, reason string, err error) error {
	if e, ok := errors.AsType[*source.Error](err); ok {
		return e
	}
	return &source.Error{Thing: key, Reason: reason, Err: err, Hint: "unpack what can be saved of it yourself, and name that folder"}
}

// readerAt gives bytes of an archive at any place of it.
type readerAt interface {
	io.ReaderAt
	Size() (int64, error)
}
