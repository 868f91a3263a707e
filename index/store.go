package index

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// formatVersion is the number of the layout. A store with another one is refused (FormatError) and rebuilt from its
// places; kept log files are in it as delivered.
//
//	1  first layout
//	2  fields that depend on the same leaves share a column of rows
const formatVersion = 2

// The buckets (doc.go says what is in them) and the keys of meta.
var (
	bucketMeta     = []byte("meta")
	bucketManifest = []byte("manifest")
	bucketSegments = []byte("segments")
	bucketOverlays = []byte("overlays")
	bucketPlaces   = []byte("places")
	bucketFiles    = []byte("files")
	bucketKept     = []byte("kept")
	// bucketPending names log files whose kept bytes were written ahead of their ledger rows.
	bucketPending = []byte("pending")
	// bucketProofs and bucketIntegrity are made when something is first put there: an index of an earlier version opens.
	bucketProofs    = []byte("proofs")
	bucketIntegrity = []byte("integrity")

	keyFormat      = []byte("format")
	keyCreated     = []byte("created")    // Unix seconds
	keyUsed        = []byte("used")       // Unix seconds of the last bringing in
	keyGeneration  = []byte("generation") // grows with every change that a reader can see
	keyHashKey     = []byte("hash-key")
	keyNextSegment = []byte("next-segment")
	keyNextFile    = []byte("next-file")
	keyKeptBytes   = []byte("kept-bytes")
	keyLedgerBytes = []byte("ledger-bytes")
	keyVerdicts    = []byte("verdicts") // generation in which the table of verdicts was written
	keyReports     = []byte("reports")  // generation in which a report was last written
	keyCurrent     = []byte("current")  // of the manifest
)

var allBuckets = [][]byte{
	bucketMeta, bucketManifest, bucketSegments, bucketOverlays, bucketPlaces, bucketFiles, bucketKept, bucketPending,
}

const (
	// mapBytes is how much address space is mapped at once. A writer that must map more waits for all readers, and new
	// readers wait for it; address space costs nothing.
	mapBytes = 64 << 30
	// allocBytes is the step in which the file grows: bbolt's own 16 MB would be most of a small index.
	allocBytes = 1 << 20
	lockWait   = 2 * time.Second
	filePerm   = 0o600
	folderPerm = 0o700
)

// openBolt opens the file within the limits of bbolt that were measured (docs/design.md). Where the file was replaced while
// its lock was waited for, it is opened again: what another process took out of its place must not be written to.
func openBolt(path string, write bool, wait time.Duration) (*bolt.DB, error) {
	if wait <= 0 {
		wait = lockWait
	}
	for end := time.Now().Add(wait); ; wait = max(time.Until(end), time.Nanosecond) {
		var file *os.File
		open := func(name string, flag int, perm os.FileMode) (f *os.File, err error) {
			f, err = os.OpenFile(name, flag, perm)
			file = f
			return f, err
		}
		db, err := openLocked(path, write, wait, open)
		if err != nil {
			return nil, err
		}
		opened, err := file.Stat()
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		if now, err := os.Stat(path); err != nil || os.SameFile(opened, now) {
			if err != nil {
				return nil, errors.Join(err, db.Close())
			}
			return db, nil
		}
		if err := db.Close(); err != nil {
			return nil, err
		}
	}
}

func openLocked(path string, write bool, wait time.Duration, open func(string, int, os.FileMode) (*os.File, error)) (*bolt.DB, error) {
	opt := &bolt.Options{OpenFile: open, Timeout: wait, ReadOnly: !write, FreelistType: bolt.FreelistMapType, NoStatistics: true}
	if runtime.GOOS != "windows" && strconv.IntSize == 64 { // on Windows the file itself would grow to that size
		opt.InitialMmapSize = mapBytes
	}
	db, err := bolt.Open(path, filePerm, opt)
	var errno interface{ Temporary() bool }
	if err != nil && opt.InitialMmapSize > 0 && !errors.Is(err, bolterrors.ErrTimeout) && errors.As(err, &errno) {
		opt.InitialMmapSize = 0 // the address space is limited (ulimit -v): slower under readers, not wrong
		db, err = bolt.Open(path, filePerm, opt)
	}
	if err != nil {
		return nil, err
	}
	db.AllocSize = allocBytes
	return db, nil
}

// createFile makes an empty index where there is none: beside its place, and moved there when it is whole, so that a full
// disk leaves no half index behind. Where another process was faster its index stays.
func createFile(path string, opt Options) error {
	if fi, err := os.Stat(path); err == nil && fi.Size() > 0 {
		return nil
	}
	folder, err := os.MkdirTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	fresh := filepath.Join(folder, filepath.Base(path))
	db, err := openBolt(fresh, true, opt.Wait)
	if err != nil {
		return err
	}
	if err := errors.Join(prepare(db, fresh, true, opt.Now()), db.Close()); err != nil {
		return err
	}
	if fi, err := os.Stat(path); err == nil && fi.Size() == 0 {
		return os.Rename(fresh, path) // an empty file was there to begin with
	}
	if err := os.Link(fresh, path); err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	return os.Rename(fresh, path) // a file system without links
}

// prepare makes sure that the file is ours and of this format; a new one gets its buckets and key.
func prepare(db *bolt.DB, path string, write bool, now time.Time) error {
	var found bool
	err := db.View(func(tx *bolt.Tx) error {
		// A page beyond the end of the file is no error but a fault, which ends the program.
		if fi, err := os.Stat(path); err != nil {
			return err
		} else if fi.Size() < tx.Size() {
			return &FormatError{Path: path, Reason: "is damaged: its end is cut off", Version: formatVersion}
		}
		meta := tx.Bucket(bucketMeta)
		if found = meta != nil; !found {
			if k, _ := tx.Cursor().First(); k != nil {
				return &FormatError{Path: path, Reason: "is not an index of trailsift"}
			}
			return nil
		}
		return checkFormat(meta, path)
	})
	switch {
	case err != nil:
		return err
	case found && write:
		return errors.Join(removeLeftovers(db, path), removeIfThere(path+compactSuffix))
	case found:
		return nil
	case !write:
		return &FormatError{Path: path, Reason: "is empty"}
	}
	return db.Update(func(tx *bolt.Tx) error { return create(tx, now) })
}

func checkFormat(meta *bolt.Bucket, path string) error {
	v := meta.Get(keyFormat)
	if len(v) != 8 {
		return &FormatError{Path: path, Reason: "is not an index of trailsift"}
	}
	if n := binary.BigEndian.Uint64(v); n != formatVersion {
		return &FormatError{Path: path, Reason: fmt.Sprintf("has format %d, this version reads format %d", n, formatVersion), Version: int(min(n, math.MaxInt32))}
	}
	if len(meta.Get(keyHashKey)) != hashKeySize {
		return &FormatError{Path: path, Reason: "is damaged: it has no hash key", Version: formatVersion}
	}
	return nil
}

func create(tx *bolt.Tx, now time.Time) error {
	for _, name := range allBuckets {
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	key := make([]byte, hashKeySize)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	meta := tx.Bucket(bucketMeta)
	if err := meta.Put(keyHashKey, key); err != nil {
		return err
	}
	for k, v := range map[string]uint64{
		string(keyFormat): formatVersion, string(keyCreated): uint64(now.Unix()), string(keyUsed): uint64(now.Unix()),
		string(keyGeneration): 1, string(keyNextSegment): 1, string(keyNextFile): 1,
	} {
		if err := putUint(meta, []byte(k), v); err != nil {
			return err
		}
	}
	return tx.Bucket(bucketManifest).Put(keyCurrent, encodeManifest(nil))
}

// removeLeftovers deletes what a killed run wrote and never published: segments the manifest does not name, kept bytes
// written ahead of their ledger rows, and reports that no place names.
func removeLeftovers(db *bolt.DB, path string) error {
	var segments, pending, reports [][]byte
	err := db.View(func(tx *bolt.Tx) error {
		metas, err := parseManifest(tx.Bucket(bucketManifest).Get(keyCurrent))
		if err != nil {
			return &FormatError{Path: path, Reason: "is damaged: " + err.Error(), Version: formatVersion}
		}
		named := map[string]bool{}
		for _, m := range metas {
			named[string(key32(m.id))] = true
		}
		for c, k := first(tx.Bucket(bucketSegments)); k != nil; k, _ = c.Next() {
			if !named[string(k)] {
				segments = append(segments, bytes.Clone(k))
			}
		}
		for c, k := first(tx.Bucket(bucketPending)); k != nil; k, _ = c.Next() {
			pending = append(pending, bytes.Clone(k))
		}
		reports = unnamedReports(tx)
		return nil
	})
	if err != nil || len(segments)+len(pending)+len(reports) == 0 {
		return err
	}
	return db.Update(func(tx *bolt.Tx) error {
		for _, k := range segments {
			if err := tx.Bucket(bucketSegments).DeleteBucket(k); err != nil {
				return err
			}
		}
		for _, k := range pending {
			if err := dropKept(tx, binary.BigEndian.Uint32(k)); err != nil {
				return err
			}
			if err := tx.Bucket(bucketPending).Delete(k); err != nil {
				return err
			}
		}
		for _, k := range reports {
			if err := tx.Bucket(bucketIntegrity).DeleteBucket(k); err != nil {
				return err
			}
		}
		return nil
	})
}

func first(b *bolt.Bucket) (*bolt.Cursor, []byte) {
	c := b.Cursor()
	k, _ := c.First()
	return c, k
}

func key32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

func getUint(b *bolt.Bucket, key []byte) uint64 {
	v := b.Get(key)
	if len(v) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(v)
}

func putUint(b *bolt.Bucket, key []byte, v uint64) error {
	return b.Put(key, binary.BigEndian.AppendUint64(nil, v))
}

// A storeView is one read transaction. What it gives is valid until the function given to view returns, unless it says
// otherwise.
type storeView struct {
	x    *Index
	tx   *bolt.Tx
	snap *snapshot
	segs []*segmentView
}

// generation of this view.
func (v *storeView) generation() uint64 { return v.snap.generation }

// segments of this view, in the order of the manifest (the order in which they were published). Each is opened by this
// call; the slice is the view's own.
func (v *storeView) segments() []*segmentView {
	if v.segs == nil {
		all := v.tx.Bucket(bucketSegments)
		v.segs = make([]*segmentView, len(v.snap.segments))
		for i, m := range v.snap.segments {
			v.segs[i] = openSegment(all, m, v.snap.dirs[m.id], v.snap.overlays[m.id])
			v.segs[i].places, v.segs[i].verdicts = v.snap.places, v.snap.verdicts
		}
	}
	return v.segs
}

// segment with an id; nil where there is none.
func (v *storeView) segment(id uint32) *segmentView {
	for i, m := range v.snap.segments {
		if m.id == id {
			return v.segments()[i]
		}
	}
	return nil
}

func openSegment(all *bolt.Bucket, m segmentMeta, dir *segmentDir, over *overlay) *segmentView {
	b := all.Bucket(key32(m.id))
	load := func(n uint32) []byte { return b.Get(chunkKey(n)) }
	return &segmentView{meta: m, dir: dir, over: over, chunk0: load(0), load: load}
}

// err is the first thing a segment of this view could not read.
func (v *storeView) err() error {
	for _, s := range v.segs {
		if s.err != nil {
			return v.x.damaged(s.err)
		}
	}
	return nil
}

// makeFolder creates the folder of a new store.
func makeFolder(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return os.MkdirAll(filepath.Dir(path), folderPerm)
}
