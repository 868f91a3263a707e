package digest

import (
	"context"

	"github.com/trailsift/trailsift/source"
)

// A Cache remembers what was found in log files, so that a second verification need not read what did not change. It is
// asked from many goroutines. Whether a file is unchanged is for the cache to tell, by size, ETag and modification time.
type Cache interface {
	Get(f source.File) (Content, bool)
	Put(f source.File, c Content)
}

// A Content is what was found in one log file.
type Content = source.ContentHash

// readLog finds the content of one listed log file, in the cache or by reading it.
func (v *verifier) readLog(ctx context.Context, f source.File) content {
	if v.opt.Cache == nil {
		c, _ := open(ctx, v.p.src, f, 0)
		return c
	}
	if k, ok := v.opt.Cache.Get(f); ok {
		return content{sum: k.Sum, size: k.Size, first: k.First, plain: k.Plain, trailing: k.Trailing, damage: k.Damage}
	}
	c, _ := open(ctx, v.p.src, f, 0)
	if c.err == nil {
		v.opt.Cache.Put(f, Content{Sum: c.sum, Size: c.size, First: c.first, Plain: c.plain, Trailing: c.trailing, Damage: c.damage})
	}
	return c
}
