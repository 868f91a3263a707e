package demo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/trailsift/trailsift/source"
)

// PublicKeysFile is the name under which WriteTo puts what "aws cloudtrail list-public-keys" prints, beside AWSLogs.
const PublicKeysFile = "public-keys.json"

// WriteOptions say how an archive is written.
type WriteOptions struct {
	Workers int // 0: 2
	// Progress is called now and then, from several goroutines, with log files written and all.
	Progress func(done, all int)
}

// WriteTo writes the archive below dir as "aws s3 sync" of its bucket would, a sidecar with the S3 metadata beside
// each digest (source.SidecarSuffix), and the public key outside AWSLogs. dir is made; an archive that is there already
// is an error that wraps fs.ErrExist. What was written when it fails or the context ends stays.
func (d *Demo) WriteTo(ctx context.Context, dir string, opt WriteOptions) error {
	if _, err := os.Lstat(filepath.Join(dir, "AWSLogs")); err == nil {
		return &source.Error{
			Thing: dir, Reason: "already holds AWSLogs", Hint: "choose a folder that does not exist", Err: fs.ErrExist,
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write the demo: %w", err)
	}
	order := d.newestFirst()
	digests := len(d.files) - d.logs
	var done atomic.Int64
	// Log files first: the digests need their hashes.
	for _, part := range [][]int{order[:len(order)-digests], order[len(order)-digests:]} {
		if err := d.writeFiles(ctx, dir, part, opt, func() {
			if n := int(done.Add(1)); opt.Progress != nil && (n%50 == 0 || n == len(order)) {
				opt.Progress(n, len(order))
			}
		}); err != nil {
			return fmt.Errorf("write the demo: %w", err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, PublicKeysFile), d.PublicKeys(), 0o644); err != nil {
		return fmt.Errorf("write the demo: %w", err)
	}
	return nil
}

func (d *Demo) writeFiles(ctx context.Context, dir string, order []int, opt WriteOptions, wrote func()) error {
	workers := opt.Workers
	if workers <= 0 {
		workers = 2
	}
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range workers {
		g.Go(func() error {
			p := &pen{d: d}
			for {
				n := int(next.Add(1)) - 1
				if n >= len(order) {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := p.save(ctx, dir, order[n]); err != nil {
					return err
				}
				wrote()
			}
		})
	}
	return g.Wait()
}

// save writes one file and its sidecar.
func (p *pen) save(ctx context.Context, dir string, i int) error {
	listed := p.d.listed(&p.d.files[i])
	path := filepath.Join(dir, filepath.FromSlash(listed.Key))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 64<<10)
	meta, err := p.stored(ctx, w, i)
	err = errors.Join(err, w.Flush(), f.Close())
	if err != nil {
		return err
	}
	if meta != nil {
		if err := os.WriteFile(path+source.SidecarSuffix, source.FormatSidecar(meta), 0o644); err != nil {
			return err
		}
	}
	return os.Chtimes(path, listed.ModTime, listed.ModTime)
}
