package index

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/trailsift/trailsift/source"
)

// Options say how an index is opened.
type Options struct {
	// Write opens for bringing in, alone on the file; else read-only, beside other readers.
	Write bool
	// Wait is how long to wait for the lock on the file; 0 means 2 s.
	Wait time.Duration
	// Reopen opens a log file of a place again, to read a record that the store only refers to. It gives the bytes as
	// stored. nil: such records cannot be read.
	Reopen func(ctx context.Context, p source.Place, key string) (io.ReadCloser, error)
	// Version of the program, kept in the ledger.
	Version string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

var (
	// ErrNotExist says that there is no index at the path. errors.Is(err, fs.ErrNotExist) holds too.
	ErrNotExist = fmt.Errorf("there is no index: %w", fs.ErrNotExist)
	// ErrLocked says that another process holds the file. The error is a *LockedError.
	ErrLocked = errors.New("the index is in use")
	// ErrClosed says that the Index was closed.
	ErrClosed = errors.New("the index is closed")
	// ErrReadOnly says that the Index was opened for reading only.
	ErrReadOnly = errors.New("the index is open for reading only")
)

// A FormatError says that a file is not an index this version can read.
type FormatError struct {
	Path    string
	Reason  string // "has format 3, this version reads format 1"
	Version int    // of the file's format; 0 where it is none of ours
}

func (e *FormatError) Error() string { return e.Path + " " + e.Reason }

// Hint says what to do.
func (e *FormatError) Hint() string {
	if e.Version == 0 {
		return "name another file with --index"
	}
	return "move the file away and bring the places in again: the index is rebuilt"
}

// Index is an open index. It is safe for concurrent use.
type Index struct {
	path string
	opt  Options

	mu     sync.RWMutex // held for reading by every transaction; for writing by Close, Downgrade and Promote
	db     *bolt.DB     // nil: closed, or lost to another process
	write  bool
	closed bool

	snap    atomic.Pointer[snapshot]
	ingest  sync.Mutex // one Ingest at a time
	hashKey []byte
	cache   *setCache // answers of segments to earlier searches
	tables  *termTables
	tokens  atomic.Pointer[tokenDir] // where the token filters lie
	gaps    gapCache
	files   ledgerCache
	past    pastFiles    // of segments that were merged
	scans   atomic.Int32 // searches that read records: segments stay as they are meanwhile
}

// Open opens the index at path. With Options.Write it is created where there is none. Errors: ErrNotExist, ErrLocked,
// *FormatError, or what the file system says.
func Open(path string, opt Options) (*Index, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Write {
		if err := makeFolder(path); err != nil {
			return nil, err
		}
		if err := createFile(path, opt); err != nil {
			return nil, fmt.Errorf("create index %s: %w", path, err)
		}
	} else if fi, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", path, ErrNotExist)
	} else if err == nil && fi.Size() == 0 {
		return nil, &FormatError{Path: path, Reason: "is empty"}
	}
	x := &Index{path: path, opt: opt, write: opt.Write, cache: newSetCache(cacheBytes), tables: newTermTables()}
	if err := x.open(opt.Wait); err != nil {
		return nil, err
	}
	return x, nil
}

// open opens the file as x.write says, waiting for the lock up to wait (0: 2 s).
func (x *Index) open(wait time.Duration) error {
	db, err := openBolt(x.path, x.write, wait)
	if err != nil {
		return openError(x.path, err)
	}
	if err := prepare(db, x.path, x.write, x.opt.Now()); err != nil {
		return errors.Join(err, db.Close())
	}
	err = db.View(func(tx *bolt.Tx) error {
		key := bytes.Clone(tx.Bucket(bucketMeta).Get(keyHashKey))
		switch {
		case x.hashKey == nil: // once: readers go on while the file is opened again
			x.hashKey = key
		case !bytes.Equal(x.hashKey, key):
			return &FormatError{Path: x.path, Reason: "is another index than the one that was opened", Version: formatVersion}
		}
		_, err := x.loadSnapshot(tx)
		return err
	})
	if err != nil {
		return errors.Join(err, db.Close())
	}
	x.db = db
	if x.write {
		writeHolder(x.path, x.opt.Now())
	}
	return nil
}

func openError(path string, err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return readHolder(path)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrVersionMismatch), errors.Is(err, bolterrors.ErrChecksum):
		return &FormatError{Path: path, Reason: "is not an index of trailsift, or is damaged"}
	}
	return fmt.Errorf("open index %s: %w", path, err)
}

// damaged says that the file's content is not what we wrote.
func (x *Index) damaged(err error) error {
	return &FormatError{Path: x.path, Reason: "is damaged: " + err.Error(), Version: formatVersion}
}

// Close closes the index; open views end first. Closing again does nothing.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.closed = true
	return x.release()
}

// Path is the file.
func (x *Index) Path() string { return x.path }

// Generation grows with every change that a reader can see.
func (x *Index) Generation() uint64 { return x.snap.Load().generation }
