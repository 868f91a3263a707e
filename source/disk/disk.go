// Package disk is a folder of log files, or a single one.
//
// A folder is listed newest first by what its names say (see list.go) without walking it whole. Every regular file that
// is not empty is offered, whatever its name: content decides what a file is, not a name. Links are followed; what they
// lead to is listed once. Nothing is ever written.
package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/trailsift/trailsift/source"
)

const idPrefix = "file:"

// sidecarMaxBytes bounds a sidecar: a signature is 512 hex digits, S3 keeps at most 2 KB of user metadata.
const sidecarMaxBytes = 64 << 10

// A Folder is a folder on disk, or a single file. It is safe for concurrent use.
type Folder struct {
	text   string // as given
	root   string // absolute, links resolved
	single bool   // root is a file
	limits limits
}

var _ source.Source = (*Folder)(nil)

// New names the folder or file at path. It looks at path itself, not into it. Errors are *source.Error; one about a path
// that is not there wraps fs.ErrNotExist.
func New(path string) (*Folder, error) {
	root, single, err := resolve(path)
	if err != nil {
		return nil, err
	}
	return &Folder{text: path, root: root, single: single, limits: defaultLimits}, nil
}

func resolve(path string) (root string, single bool, err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", false, explain(path, err)
	}
	root, err = filepath.EvalSymlinks(abs)
	if err != nil {
		return "", false, explain(path, err)
	}
	info, err := os.Stat(root)
	switch {
	case err != nil:
		return "", false, explain(path, err)
	case info.IsDir():
		return root, false, nil
	case info.Mode().IsRegular():
		return root, true, nil
	}
	return "", false, &source.Error{Thing: path, Reason: "is " + kindOf(info.Mode()) + ", neither a folder nor a file"}
}

// Place is the folder; its identity is the absolute path, links resolved.
func (d *Folder) Place() source.Place {
	return source.Place{Text: d.text, ID: idPrefix + filepath.ToSlash(d.root)}
}

// List yields the log files, the newest first by the names of folders and files.
func (d *Folder) List(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		if err := ctx.Err(); err != nil {
			yield(source.File{}, err)
			return
		}
		if d.single {
			d.listSingle(yield)
			return
		}
		w := newWalk(d, yield)
		w.run(ctx)
	}
}

func (d *Folder) listSingle(yield func(source.File, error) bool) {
	info, err := os.Stat(d.root)
	if err != nil {
		yield(source.File{}, explain(d.text, err))
		return
	}
	if info.Size() > 0 {
		yield(fileOf(filepath.Base(d.root), info), nil)
	}
}

func fileOf(key string, info fs.FileInfo) source.File {
	return source.File{Key: key, SizeBytes: info.Size(), ModTime: info.ModTime().UTC()}
}

// Open opens a log file. Its metadata comes from the sidecar beside it, where there is a readable one.
func (d *Folder) Open(ctx context.Context, f source.File) (*source.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	path, err := d.path(f.Key)
	if err != nil {
		return nil, err
	}
	file, err := openRegular(path)
	if err != nil {
		return nil, explain(f.Key, err)
	}
	b := &body{ctx: ctx, file: file, key: f.Key}
	if err := b.measure(); err != nil {
		_ = file.Close()
		return nil, err
	}
	return &source.Object{Body: b, Meta: sidecarOf(path)}, nil
}

// path is where the file of a key lies. A key that leads out of the folder is refused: keys also come from stores.
func (d *Folder) path(key string) (string, error) {
	if d.single {
		if key != filepath.Base(d.root) {
			return "", explain(key, fs.ErrNotExist)
		}
		return d.root, nil
	}
	local := filepath.FromSlash(key)
	if !filepath.IsLocal(local) || path.Clean(key) != key || strings.IndexByte(key, 0) >= 0 { // names need not be UTF-8
		return "", &source.Error{Thing: key, Reason: "not a path below the folder"}
	}
	return filepath.Join(d.root, local), nil
}

// Reopen opens a log file of a place listed before; the bytes are as stored. What is no longer there is an error that
// wraps fs.ErrNotExist.
func Reopen(ctx context.Context, place source.Place, key string) (io.ReadCloser, error) {
	path, ok := strings.CutPrefix(place.ID, idPrefix)
	if !ok {
		return nil, &source.Error{Thing: place.Text, Reason: "not a folder or file on disk"}
	}
	root, single, err := resolve(filepath.FromSlash(path))
	if err != nil {
		return nil, err
	}
	d := &Folder{text: place.Text, root: root, single: single}
	obj, err := d.Open(ctx, source.File{Key: key})
	if err != nil {
		return nil, err
	}
	return obj.Body, nil
}

var errNotRegular = errors.New("not a file")

// openRegular opens a regular file for reading and nothing else: a pipe put in its place must not block us.
func openRegular(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|openNonblock, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w: %s", errNotRegular, kindOf(info.Mode()))
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

func sidecarOf(path string) map[string]string {
	file, err := openRegular(path + source.SidecarSuffix)
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, sidecarMaxBytes))
	if err != nil {
		return nil
	}
	meta, err := source.ParseSidecar(text)
	if err != nil {
		return nil // the log file itself is sound; it only cannot be proven by this
	}
	return meta
}

// body is an open file that gives up when its context ends and names its key in errors. It is read as long as it was when
// it was opened: a file that grows all the time would not end. Of a file with holes it is what stands before the first:
// some bytes on a disk may stand for years of zeros.
type body struct {
	ctx  context.Context
	file *os.File
	key  string
	size int64 // of what is read
	left int64
	hole bool // one stands behind that
}

// measure sets what is to be read.
func (b *body) measure() error {
	info, err := b.file.Stat()
	if err != nil {
		return explain(b.key, err)
	}
	b.size = info.Size()
	if at, ok := firstHole(b.file, info); ok {
		b.size, b.hole = at, true
	}
	b.left = b.size
	return nil
}

func (b *body) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if b.left == 0 && len(p) > 0 {
		if b.hole {
			b.hole = false // the end follows
			return 0, source.Damage("a hole in the file, nothing on the disk, from its byte " + strconv.FormatInt(b.size, 10) + " on")
		}
		return 0, io.EOF
	}
	n, err := b.file.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = explain(b.key, err)
	}
	return n, err
}

// ReadAt reads at any place of the file, as archives need it.
func (b *body) ReadAt(p []byte, off int64) (int, error) { return b.file.ReadAt(p, off) }

// Size is that of the file when it was opened, as far as it is read.
func (b *body) Size() (int64, error) { return b.size, nil }

func (b *body) Close() error { return b.file.Close() }

// explain puts an error of the file system into words.
func explain(thing string, err error) error {
	e := &source.Error{Thing: thing, Err: err}
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Reason = "no such file or folder"
		e.Hint = "check the name; a relative path is looked up from where you are"
	case errors.Is(err, fs.ErrPermission):
		e.Reason = "not readable: permission denied"
		e.Hint = "run as a user who may read it"
	case errors.As(err, &path):
		e.Reason = path.Err.Error()
	default:
		e.Reason = err.Error()
	}
	return e
}

// kindOf says what a thing that is no regular file is.
func kindOf(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a folder"
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	case m&fs.ModeSymlink != 0:
		return "a link"
	}
	return "a special file"
}
