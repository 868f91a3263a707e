package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/demo"
	"github.com/trailsift/trailsift/source/sourcetest"
)

// bringIn runs the yardstick and the program in turn, so that a drifting machine hits both. It leaves the last store.
func (b *bench) bringIn(ctx context.Context, archive, store string) (race, error) {
	var r race
	for range b.runs {
		g, err := b.gunzip(ctx, archive)
		if err != nil {
			return r, err
		}
		if err := remove(store); err != nil {
			return r, err
		}
		c, err := measure(ctx, nil, b.program, "sync", archive, "--index", store, "--format", "json", "--quiet")
		if err != nil {
			return r, err
		}
		r.add("bringing in", g, c)
	}
	return r, nil
}

// remove takes a store and what lies beside it away.
func remove(store string) error {
	beside, err := filepath.Glob(store + "*")
	for _, path := range beside {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return err
}

// plain is the archive without its digests: links to its files, so that it takes no room.
func (b *bench) plain() (string, error) {
	dir := filepath.Join(b.work, "plain", strings.ReplaceAll(b.archive, string(filepath.Separator), "_"))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	return dir, filepath.WalkDir(b.archive, func(path string, d fs.DirEntry, err error) error {
		rel, rerr := filepath.Rel(b.archive, path)
		switch {
		case err != nil || rerr != nil:
			return errors.Join(err, rerr)
		case d.IsDir() && strings.HasPrefix(d.Name(), "CloudTrail-Digest"):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(dir, rel), 0o755)
		case !strings.HasSuffix(path, ".gz"):
			return nil
		}
		return link(path, filepath.Join(dir, rel))
	})
}

// link links a file, or copies it where the two lie on different file systems.
func link(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// compressed is how many bytes the log files of an archive have as stored.
func compressed(archive string) (n int64, err error) {
	err = filepath.WalkDir(archive, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".gz") {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	return n, err
}

func (b *bench) ingestPlain(ctx context.Context) error {
	archive, err := b.plain()
	if err != nil {
		return err
	}
	b.store = filepath.Join(b.work, "plain.db")
	r, err := b.bringIn(ctx, archive, b.store)
	if err != nil {
		return err
	}
	st, err := stats(b.store)
	if err != nil {
		return err
	}
	gz, err := compressed(archive)
	if err != nil {
		return err
	}
	row("Events, log files, gzip", "", "%d, %d, %.1f MB", st.Events, st.Files[index.StateHeld], float64(gz)/1e6)
	row("Bringing in, no digests at hand", "≥ 0.55", "%s", r.inWords())
	row("… anonymous memory, peak", "≤ 256 MB", "%.0f MB", r.anon())
	row("Index beside the gzip files", "≤ 0.75", "%.2f: %.1f B an event", float64(st.IndexBytes)/float64(gz), float64(st.IndexBytes)/float64(st.Events))
	row("File beside what lives in it", "≤ 1.2", "%.2f: %.1f MB in %d segments", float64(st.FileBytes)/float64(st.IndexBytes+st.KeptBytes), float64(st.FileBytes)/1e6, st.Segments)
	return nil
}

// stats are those of a store.
func stats(store string) (index.Stats, error) {
	x, err := index.Open(store, index.Options{})
	if err != nil {
		return index.Stats{}, err
	}
	defer func() { _ = x.Close() }()
	return x.Stats()
}

func (b *bench) ingestHashed(ctx context.Context) error {
	store := filepath.Join(b.work, "hashed.db")
	r, err := b.bringIn(ctx, b.archive, store)
	if err != nil {
		return err
	}
	row("Bringing in and verifying, digests at hand", "≥ 0.45", "%s", r.inWords())
	return remove(store)
}

func (b *bench) ingestSmall(ctx context.Context) error {
	if b.small == "" {
		b.small = filepath.Join(b.work, "small")
	}
	if _, err := os.Stat(b.small); errors.Is(err, fs.ErrNotExist) {
		if err := writeSmall(ctx, b.small); err != nil {
			return err
		}
	}
	store := filepath.Join(b.work, "small.db")
	r, err := b.bringIn(ctx, b.small, store)
	if err != nil {
		return err
	}
	gz, err := compressed(b.small)
	if err != nil {
		return err
	}
	st, err := stats(store)
	if err != nil {
		return err
	}
	row(fmt.Sprintf("Bringing in %d events in %d files of %d", smallFiles*smallEvents, st.Files[index.StateHeld], smallEvents), "≥ 0.45", "%s", r.inWords())
	row("… index beside the gzip files; file beside what lives in it", "", "%.2f; %.2f", float64(st.IndexBytes)/float64(gz), float64(st.FileBytes)/float64(st.IndexBytes+st.KeptBytes))
	return remove(store)
}

// smallFiles log files of smallEvents events: half of real ones hold 5 or fewer.
const (
	smallFiles  = 40_000
	smallEvents = 5
)

// writeSmall writes events of the demo again, a few a log file.
func writeSmall(ctx context.Context, dir string) error {
	tell("writing %d small files", smallFiles)
	d := demo.New(demo.Options{Events: smallFiles * smallEvents * 11 / 10})
	var dec source.Decoder
	var records []string
	written := 0
	for f, err := range d.List(ctx) {
		if err != nil {
			return err
		}
		key, ok := source.ParseKey(f.Key)
		if !ok || key.Kind != source.KindCloudTrail {
			continue
		}
		obj, err := d.Open(ctx, f)
		if err != nil {
			return err
		}
		for e := range dec.Events(obj.Body) {
			if records = append(records, string(e.Raw)); len(records) < smallEvents {
				continue
			}
			key.Unique = fmt.Sprintf("%016d", written)
			if err := writeLog(filepath.Join(dir, filepath.FromSlash(key.String())), records); err != nil {
				return err
			}
			records = records[:0]
			if written++; written == smallFiles {
				return obj.Body.Close()
			}
		}
		if err := errors.Join(dec.Err(), obj.Body.Close()); err != nil {
			return err
		}
	}
	return fmt.Errorf("only %d small files", written)
}

func writeLog(path string, records []string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, sourcetest.Gzip([]byte(`{"Records":[`+strings.Join(records, ",")+`]}`)), 0o600)
}
