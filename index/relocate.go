package index

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"runtime"
	"strings"
	"sync"

	bolt "go.etcd.io/bbolt"

	"github.com/trailsift/trailsift/source"
)

// RelocateOptions say what moved where.
type RelocateOptions struct {
	Place string // identity of the place
	// Under is the part of the place that moved: a folder of keys without a slash at its end, or one key; "": all of it.
	Under string
	To    source.Source // where the log files may lie now
	// DryRun changes nothing.
	DryRun bool
	// Progress is called a few times a second with how many files were looked at and how many log files were found.
	Progress func(listed, found int)
}

// Relocation is what became of log files that moved.
type Relocation struct {
	Log     int   `json:"log_files"` // the store refers to, below the part that moved; kept ones among them
	Found   int   `json:"found"`     // with the same SHA-256 as stored
	Renamed int   `json:"renamed"`   // of the found: under another key
	Kept    int   `json:"kept"`      // not found, but kept in the store
	Listed  int   `json:"listed"`    // files at the new place
	Hashed  int   `json:"hashed"`    // of these: of the size of a log file, so that they were read
	Bytes   int64 `json:"bytes"`     // read
	Moved   bool  `json:"moved"`     // the place itself is the new one now
	DryRun  bool  `json:"dry_run"`

	Missing  int              `json:"missing"`  // neither found nor kept
	Problems []ExtractProblem `json:"problems"` // the first 1,000 of these, and what could not be read
}

// ErrNoPlace says that the store has nothing of a place.
var ErrNoPlace = errors.New("the index holds nothing of it")

// Relocate finds log files of a place again that lie elsewhere now, by their SHA-256 as stored: files of the new place
// with the size of one are read. Where anything of a whole place is found, the place becomes the new one; log files that
// lie under another key there, or of a part of a place, are noted with where they lie. What is not found stays where it
// was. All of it shows at once. Memory: some 250 bytes a log file. The error is about the store, the new place or the
// context; nothing is changed then.
func (x *Index) Relocate(ctx context.Context, opt RelocateOptions) (Relocation, error) {
	m, err := x.moved(opt)
	if err != nil {
		return Relocation{}, err
	}
	if err := m.search(ctx); err != nil {
		return m.sum, err
	}
	m.settle()
	if opt.DryRun || m.sum.Found == 0 {
		return m.sum, nil
	}
	x.ingest.Lock()
	defer x.ingest.Unlock()
	err = x.writing(ctx, func() error {
		if err := x.update(m.write); err != nil {
			return err
		}
		return x.view(func(*storeView) error { return nil }) // loads the new snapshot
	})
	return m.sum, err
}

// A mover looks for log files that moved.
type mover struct {
	x     *Index
	opt   RelocateOptions
	place placeRow
	rows  []movedRow
	sizes map[int64][]int32 // rows by size
	sum   Relocation

	mu sync.Mutex // guards rows[].at and sum while files are read
}

// A movedRow is a version of a log file that is looked for.
type movedRow struct {
	key    []byte // of the ledger
	name   string // key below the part that moved
	size   int64
	sha    [32]byte
	kept   bool
	newest bool
	at     *source.File // where it was found
}

// moved reads what is to be looked for.
func (x *Index) moved(opt RelocateOptions) (*mover, error) {
	m := &mover{x: x, opt: opt, sizes: map[int64][]int32{}, sum: Relocation{DryRun: opt.DryRun}}
	err := x.view(func(v *storeView) error {
		no, known := v.snap.placeNumber(opt.Place)
		if !known {
			return ErrNoPlace
		}
		m.place = v.snap.places[no]
		prefix := append(key32(no), opt.Under...)
		last := ""
		c := v.tx.Bucket(bucketFiles).Cursor()
		for k, value := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, value = c.Next() {
			r, err := parseRow(k, value, v.snap.places)
			if err != nil {
				return x.damaged(err)
			}
			m.take(bytes.Clone(k), r, last != r.Key)
			last = r.Key
		}
		return nil
	})
	if err == nil && len(m.rows) == 0 {
		err = ErrNoPlace
	}
	return m, err
}

func (m *mover) take(k []byte, r *ledgerRow, newest bool) {
	name := r.Key
	if under := m.opt.Under; under != "" {
		rest, ok := strings.CutPrefix(r.Key[len(under):], "/")
		if !ok && r.Key != under { // a key that only begins alike
			return
		}
		name = rest
		if !ok {
			name = under[strings.LastIndexByte(under, '/')+1:]
		}
	}
	if r.SHA256 == [32]byte{} || r.State == StateIgnored {
		return
	}
	m.sizes[r.Size] = append(m.sizes[r.Size], int32(len(m.rows)))
	m.rows = append(m.rows, movedRow{key: k, name: name, size: r.Size, sha: r.SHA256, kept: r.keep != keepNothing, newest: newest})
	if newest {
		m.sum.Log++
	}
}

// search lists the new place and reads what may be one of the log files, on all cores.
func (m *mover) search(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	files := make(chan source.File)
	var reading sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), maxWorkers) {
		reading.Go(func() {
			for f := range files {
				m.read(ctx, f)
			}
		})
	}
	err := m.list(ctx, files)
	close(files)
	reading.Wait()
	return errors.Join(err, ctx.Err())
}

func (m *mover) list(ctx context.Context, files chan<- source.File) error {
	for f, err := range m.opt.To.List(ctx) {
		switch {
		case err != nil && f.Key == "":
			return err
		case err != nil:
			continue // no log file, or told when it is brought in
		}
		m.mu.Lock()
		m.sum.Listed++
		listed, found := m.sum.Listed, m.sum.Found
		m.mu.Unlock()
		if m.opt.Progress != nil && listed%256 == 0 {
			m.opt.Progress(listed, found)
		}
		if _, wanted := m.sizes[f.SizeBytes]; !wanted && f.SizeBytes >= 0 {
			continue
		}
		select {
		case files <- f:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// read hashes a file and notes it for the log files it is.
func (m *mover) read(ctx context.Context, f source.File) {
	size, sum, err := m.hash(ctx, f)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sum.Hashed++
	m.sum.Bytes += size
	if err != nil {
		if ctx.Err() == nil && len(m.sum.Problems) < maxProblems {
			m.sum.Problems = append(m.sum.Problems, ExtractProblem{File: f.Key, Place: m.opt.To.Place().ID, Reason: reasonOf(err), Size: f.SizeBytes})
		}
		return
	}
	for _, i := range m.sizes[size] {
		r := &m.rows[i]
		if r.sha != sum {
			continue
		}
		if r.at == nil && r.newest {
			m.sum.Found++
		}
		// under its own name where it is there, else under the first of all
		if r.at == nil || r.at.Key != r.name && (f.Key == r.name || f.Key < r.at.Key) {
			r.at = &f
		}
	}
}

func (m *mover) hash(ctx context.Context, f source.File) (int64, [32]byte, error) {
	obj, err := m.opt.To.Open(ctx, f)
	if err != nil {
		return 0, [32]byte{}, err
	}
	defer func() { _ = obj.Body.Close() }()
	h := sha256.New()
	n, err := io.Copy(h, obj.Body)
	return n, [32]byte(h.Sum(nil)), err
}

// settle counts what was found, by the newest version of each log file.
func (m *mover) settle() {
	m.sum.Found = 0
	for i := range m.rows {
		r := &m.rows[i]
		switch {
		case !r.newest:
		case r.at != nil:
			m.sum.Found++
			if r.at.Key != r.name {
				m.sum.Renamed++
			}
		case r.kept:
			m.sum.Kept++
		default:
			m.lost(r)
		}
	}
}

func (m *mover) lost(r *movedRow) {
	m.sum.Missing++
	_, key, _, _ := parseLedgerKey(r.key)
	if len(m.sum.Problems) < maxProblems {
		m.sum.Problems = append(m.sum.Problems, ExtractProblem{
			File: key, Place: m.place.place.ID, Reason: "no file with its SHA-256", Size: r.size, SHA256: hexOf(r.sha),
		})
	}
}

// write changes the references, in one transaction.
func (m *mover) write(tx *bolt.Tx) error {
	places, err := loadPlaces(tx)
	if err != nil {
		return err
	}
	to, old := m.opt.To.Place(), m.place.place
	known := false
	for _, p := range places {
		known = known || p.place.ID == to.ID
	}
	m.sum.Moved = m.opt.Under == "" && !known
	for i := range m.rows {
		if err := m.point(tx, &m.rows[i], places, old, to); err != nil {
			return err
		}
	}
	if m.sum.Moved {
		m.place.place = to
		if err := errors.Join(putPlace(tx, m.place), renameReport(tx, m.place.no, to.ID)); err != nil {
			return err
		}
	}
	meta := tx.Bucket(bucketMeta)
	generation := getUint(meta, keyGeneration) + 1
	return errors.Join(putUint(meta, keyReports, generation), putUint(meta, keyGeneration, generation))
}

// point writes the row of a log file where it says something else now.
func (m *mover) point(tx *bolt.Tx, moved *movedRow, places map[uint32]placeRow, old, to source.Place) error {
	value := tx.Bucket(bucketFiles).Get(moved.key)
	if value == nil {
		return nil // another process replaced it in between
	}
	r, err := parseRow(moved.key, value, places)
	if err != nil {
		return m.x.damaged(err)
	}
	before := r.encode()
	switch {
	case moved.at == nil && m.sum.Moved && r.at == nil:
		r.at = &location{old, r.Key} // the place leaves it behind
	case moved.at == nil:
	case m.sum.Moved && moved.at.Key == r.Key:
		r.at = nil
		r.restamp(*moved.at)
	default:
		r.at = &location{to, moved.at.Key}
	}
	if bytes.Equal(before, r.encode()) {
		return nil
	}
	return putRow(tx, r)
}

// restamp takes over how a listing tells that a file has not changed.
func (r *ledgerRow) restamp(f source.File) {
	r.ETag, r.modTime = f.ETag, 0
	if !f.ModTime.IsZero() {
		r.modTime = f.ModTime.UnixNano()
	}
}

// renameReport makes what is known of the integrity of a place about its new identity.
func renameReport(tx *bolt.Tx, place uint32, id string) error {
	r, err := openReport(tx, place)
	if err != nil || r == nil {
		return err
	}
	rep, files, err := r.head()
	if err != nil {
		return err
	}
	rep.Place = id
	rep.Files = make([]FileVerdict, files) // encodeReport writes their number
	head, err := encodeReport(&r.packer, &rep)
	if err != nil {
		return err
	}
	return r.bucket.Put(keyHead, head)
}
