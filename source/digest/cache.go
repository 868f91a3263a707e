package digest

import (
	"bytes"
	"context"
	"io"

	"github.com/trailsift/trailsift/source"
)

// A Cache remembers what was found in log files, and digests as stored, so that a second verification need not read what
// did not change. It is asked from many goroutines. Whether a file is unchanged is for the cache to tell, by size, ETag and
// modification time.
type Cache interface {
	// Content is what was found in a log file; PutContent notes it.
	Content(f source.File) (c source.ContentHash, ok bool)
	PutContent(f source.File, c source.ContentHash)
	// Object is a digest as stored, whole, with its metadata; PutObject notes it. The bytes are not to be changed.
	Object(f source.File) (data []byte, meta map[string]string, ok bool)
	PutObject(f source.File, data []byte, meta map[string]string)
}

// maxStoredDigest is the most bytes of one digest as stored that a cache is given; some 100 a log file listed.
const maxStoredDigest = 8 << 20

// readLog finds the content of one listed log file, in the cache or by reading it.
func (v *verifier) readLog(ctx context.Context, f source.File) content {
	if v.opt.Cache == nil {
		c, _ := open(ctx, v.p.src, f, 0)
		return c
	}
	if k, ok := v.opt.Cache.Content(f); ok {
		return content{sum: k.Sum, size: k.Size, first: k.First, plain: k.Plain, trailing: k.Trailing, damage: k.Damage}
	}
	c, _ := open(ctx, v.p.src, f, 0)
	if c.err == nil {
		v.opt.Cache.PutContent(f, source.ContentHash{Sum: c.sum, Size: c.size, First: c.first, Plain: c.plain, Trailing: c.trailing, Damage: c.damage})
	}
	return c
}

// readDigest reads one digest with its metadata, from the cache or the place.
func (v *verifier) readDigest(ctx context.Context, f source.File) (content, map[string]string) {
	if v.opt.Cache == nil {
		return open(ctx, v.p.src, f, maxDigestBytes)
	}
	if data, meta, ok := v.opt.Cache.Object(f); ok {
		return readContent(bytes.NewReader(data), maxDigestBytes), meta
	}
	obj, err := v.p.src.Open(ctx, f)
	if err != nil {
		return content{err: err}, nil
	}
	defer obj.Body.Close()
	data, err := io.ReadAll(io.LimitReader(obj.Body, maxStoredDigest))
	if err != nil {
		return content{err: err}, nil
	}
	if len(data) == maxStoredDigest { // there may be more: too large to keep
		return readContent(io.MultiReader(bytes.NewReader(data), obj.Body), maxDigestBytes), obj.Meta
	}
	v.opt.Cache.PutObject(f, data, obj.Meta)
	return readContent(bytes.NewReader(data), maxDigestBytes), obj.Meta
}
