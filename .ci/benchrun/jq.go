package main

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// jqBytes of JSON are what jq is given: it is slow.
const jqBytes = 200 << 20

// besideJQ lets jq pick events out of a part of the archive, on all cores.
func (b *bench) besideJQ(ctx context.Context) error {
	if jq, _ := exec.LookPath("jq"); jq == "" {
		row("jq", "", "not installed: left out")
		return nil
	}
	files, total, err := someFiles(b.archive)
	if err != nil {
		return err
	}
	list := filepath.Join(b.work, "jq.files")
	if err := os.WriteFile(list, []byte(strings.Join(files, "\x00")), 0o600); err != nil {
		return err
	}
	c, err := measure(ctx, nil, "xargs", "-0", "-a", list, "-P", strconv.Itoa(runtime.NumCPU()), "-n", "20", "sh", "-c",
		`zcat "$@" | jq -c '.Records[] | select(.eventName == "CreateAccessKey")'`, "sh")
	if err != nil {
		return err
	}
	row("jq, `select(.eventName == \"CreateAccessKey\")` over the files, all cores", "", "%.0f MB/s of JSON (%.0f MB of it)", float64(total)/1e6/c.wall.Seconds(), float64(total)/1e6)
	return nil
}

var errEnough = errors.New("enough")

// someFiles gives log files of about jqBytes of JSON.
func someFiles(archive string) (files []string, total int64, err error) {
	err = filepath.WalkDir(archive, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), "CloudTrail-Digest"):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".json.gz"):
			return nil
		case total >= jqBytes:
			return errEnough
		}
		n, err := inflated(path)
		files, total = append(files, path), total+n
		return err
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return files, total, err
}

func inflated(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return 0, err
	}
	return io.Copy(io.Discard, z)
}
