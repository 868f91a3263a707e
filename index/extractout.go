package index

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
)

// errOtherBytes says that what was read is not what it should be.
var errOtherBytes = errors.New("it is not what came in")

// An outputError says that the folder itself cannot be written: it ends an extraction.
type outputError struct{ err error }

func (e *outputError) Error() string { return e.err.Error() }
func (e *outputError) Unwrap() error { return e.err }

const (
	sumsPart = ".trailsift-sums" // SHA256SUMS while it grows
	filePart = ".trailsift-file" // a log file while it is written
)

// An output is the folder of an extraction. Paths are slash-separated and below it. Folders are made 0700, files 0600.
type output struct {
	root  *os.Root
	dirs  map[string]bool   // known to be folders and no links
	old   map[string]string // lines of an earlier SHA256SUMS, by name, which are not yet listed anew
	sums  *os.File
	lines *bufio.Writer
	buf   []byte
}

// openOutput makes the folder where there is none and reads what an earlier extraction listed.
func openOutput(dir string) (*output, error) {
	if err := os.MkdirAll(dir, folderPerm); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	o := &output{root: root, dirs: map[string]bool{".": true}, buf: make([]byte, 256<<10)}
	if o.old, err = readSums(root); err == nil {
		o.sums, err = o.create(sumsPart)
	}
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	o.lines = bufio.NewWriter(o.sums)
	return o, nil
}

// readSums reads an earlier list, none where there is none. One that is not ours is not written over.
func readSums(root *os.Root) (map[string]string, error) {
	info, err := root.Lstat(SumsName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil //nolint:nilnil // nothing was listed
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is there and is no file", SumsName)
	}
	f, err := root.Open(SumsName)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	old := map[string]string{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		sum, name, ok := strings.Cut(lines.Text(), "  ")
		if _, err := hex.DecodeString(sum); err != nil || !ok || len(sum) != 64 {
			return nil, fmt.Errorf("%s is there and is no list of an extraction", SumsName)
		}
		old[name] = lines.Text()
	}
	return old, lines.Err()
}

// create makes a file of our own at the top, in place of what an earlier run left there.
func (o *output) create(name string) (*os.File, error) {
	if err := o.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return o.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, filePerm)
}

// close lists what an earlier extraction wrote and puts the list in its place.
func (o *output) close() error {
	for _, name := range slices.Sorted(maps.Keys(o.old)) {
		if info, err := o.root.Lstat(name); err == nil && info.Mode().IsRegular() {
			_, _ = o.lines.WriteString(o.old[name] + "\n")
		}
	}
	err := errors.Join(o.lines.Flush(), o.sums.Close())
	if err == nil {
		err = o.root.Rename(sumsPart, SumsName)
	}
	return errors.Join(err, o.root.Close())
}

// list notes the SHA-256 of a file. Names have neither backslashes nor line breaks (safeName), so nothing is to be escaped.
func (o *output) list(name string, sum [32]byte) error {
	delete(o.old, name)
	if _, err := fmt.Fprintf(o.lines, "%x  %s\n", sum, name); err != nil {
		return &outputError{err}
	}
	return nil
}

// has says whether a file is there with these bytes. Anything else in its place is an error.
func (o *output) has(name string, size int64, want [32]byte) (bool, error) {
	if err := o.folder(path.Dir(name)); err != nil {
		return false, err
	}
	info, err := o.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case !info.Mode().IsRegular():
		return false, inTheWay(name, info)
	case info.Size() != size:
		return false, errors.New("another file is there: " + name)
	}
	sum, err := o.hash(name)
	if err == nil && sum != want {
		err = errors.New("another file is there: " + name)
	}
	return err == nil, err
}

func (o *output) hash(name string) (sum [32]byte, err error) {
	f, err := o.root.Open(name)
	if err != nil {
		return sum, err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, onlyReader{f}, o.buf); err != nil {
		return sum, err
	}
	return [32]byte(h.Sum(nil)), nil
}

// errBoth says that one key is the folder of another one. S3 has such keys.
var errBoth = errors.New("it is both a file and a folder")

func inTheWay(name string, info fs.FileInfo) error {
	switch {
	case info.IsDir() || info.Mode().IsRegular():
		return fmt.Errorf("%w: %s", errBoth, name)
	case info.Mode()&fs.ModeSymlink != 0:
		return errors.New("a link is in the way: " + name)
	}
	return errors.New("something that is no file is in the way: " + name)
}

// folder makes the folders of a path. A link among them is refused.
func (o *output) folder(name string) error {
	if o.dirs[name] {
		return nil
	}
	if err := o.folder(path.Dir(name)); err != nil {
		return err
	}
	err := o.root.Mkdir(name, folderPerm)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return &outputError{err}
	}
	info, err := o.root.Lstat(name)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return inTheWay(name, info)
	}
	o.dirs[name] = true
	return nil
}

// put writes a file and lists it, where its bytes are those that are wanted (nil: whatever they are): else errOtherBytes,
// and nothing is left of it. It closes body.
func (o *output) put(name string, body io.ReadCloser, want *[32]byte) (size int64, err error) {
	f, err := o.create(filePart)
	if err != nil {
		return 0, errors.Join(&outputError{err}, body.Close())
	}
	h := sha256.New()
	size, err = io.CopyBuffer(&tee{f, h}, onlyReader{body}, o.buf)
	closed := f.Close()
	if berr := body.Close(); err == nil {
		err = berr
	}
	if closed != nil {
		err = &outputError{closed}
	}
	sum := [32]byte(h.Sum(nil))
	if err == nil && want != nil && sum != *want {
		err = errOtherBytes
	}
	if err == nil {
		err = o.place(name, size, sum)
	}
	if err != nil {
		_ = o.root.Remove(filePart)
		return 0, err
	}
	return size, o.list(name, sum)
}

// place gives a file that was written its name, unless another one has it.
func (o *output) place(name string, size int64, sum [32]byte) error {
	same, err := o.has(name, size, sum)
	switch {
	case err != nil:
		return err
	case same:
		return o.root.Remove(filePart)
	}
	if err := o.root.Rename(filePart, name); err != nil {
		return &outputError{err}
	}
	return nil
}

// A tee writes to the folder and hashes; an error of the folder ends the extraction.
type tee struct {
	to  io.Writer
	sum io.Writer
}

func (t *tee) Write(p []byte) (int, error) {
	n, err := t.to.Write(p)
	if err != nil {
		return n, &outputError{err}
	}
	return t.sum.Write(p)
}

// An onlyReader hides other methods, so that copying uses the buffer it is given.
type onlyReader struct{ io.Reader }
