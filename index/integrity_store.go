package index

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sort"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// The integrity bucket: what verifications established.
//
//	"table"           verdictTable, sealed
//	'p', place        → number of its report (4 bytes)
//	'r', report       a bucket: "head" → all but the files; 'f', chunk → the files, in order of key;
//	                  "lost" → those that are missing
//
// A report is written in several transactions and counts once its place names it.
var keyTable = []byte("table")

var keyHead = []byte("head")

func placeReportKey(place uint32) []byte { return append([]byte{'p'}, key32(place)...) }
func reportKey(no uint32) []byte         { return append([]byte{'r'}, key32(no)...) }
func fileChunkKey(n int) []byte          { return append([]byte{'f'}, key32(uint32(n))...) }

// A chunk of files begins with the first key, so that a look-up inflates one chunk only.
func encodeFiles(p *packer, files []FileVerdict) ([]byte, error) {
	b := binary.AppendUvarint(nil, uint64(len(files)))
	for i := range files {
		b = appendFile(b, &files[i])
	}
	packed, err := p.pack(b)
	if err != nil {
		return nil, err
	}
	return append(appendText(nil, files[0].Key), packed...), nil
}

func decodeFiles(p *packer, value []byte, t texts) ([]FileVerdict, error) {
	r := reader{b: value}
	first := r.text()
	if r.err != nil {
		return nil, r.err
	}
	b, err := p.unpack(r.b)
	r = reader{b: b, err: err}
	n := r.int()
	if n > len(r.b) {
		return nil, errShort
	}
	files := make([]FileVerdict, 0, n)
	for ; n > 0 && r.err == nil; n-- {
		files = append(files, r.file(t))
	}
	if r.err != nil {
		return nil, r.err
	}
	if len(files) == 0 || files[0].Key != first {
		return nil, errSegment
	}
	return files, nil
}

// A report is what is stored of a verification, read inside one transaction.
type report struct {
	bucket *bolt.Bucket
	packer packer
	chunks int
	at     int // number of the chunk at hand; -1: none
	files  []FileVerdict
	texts  texts
}

// openReport gives the report on a place; nil where it was never verified.
func openReport(tx *bolt.Tx, place uint32) (*report, error) {
	all := tx.Bucket(bucketIntegrity)
	if all == nil {
		return nil, nil //nolint:nilnil // "never verified" is no error
	}
	no := all.Get(placeReportKey(place))
	if no == nil {
		return nil, nil //nolint:nilnil // as above
	}
	r := &report{at: -1, texts: texts{}}
	if len(no) == 4 {
		r.bucket = all.Bucket(reportKey(binary.BigEndian.Uint32(no)))
	}
	if r.bucket == nil {
		return nil, fmt.Errorf("the report on place %d is missing", place)
	}
	c := r.bucket.Cursor()
	if k, _ := c.Seek(keyHead); k != nil { // it stands behind the chunks
		if k, _ = c.Prev(); len(k) == 5 {
			r.chunks = int(binary.BigEndian.Uint32(k[1:])) + 1
		}
	}
	return r, nil
}

func (r *report) load(n int) error {
	if r.at == n {
		return nil
	}
	files, err := decodeFiles(&r.packer, r.bucket.Get(fileChunkKey(n)), r.texts)
	if err != nil {
		return fmt.Errorf("report: files: %w", err)
	}
	r.at, r.files = n, files
	return nil
}

// file is what is said of a log file or digest; nil: nothing. Asked for in order of key, each chunk is inflated once.
func (r *report) file(key string) (*FileVerdict, error) {
	if r == nil {
		return nil, nil //nolint:nilnil // nothing is said of it
	}
	var broken error
	n := sort.Search(r.chunks, func(n int) bool {
		d := reader{b: r.bucket.Get(fileChunkKey(n))}
		first := d.bytes(d.int())
		broken = errors.Join(broken, d.err)
		return string(first) > key
	}) - 1
	if n < 0 || broken != nil {
		return nil, broken
	}
	if err := r.load(n); err != nil {
		return nil, err
	}
	i, ok := slices.BinarySearchFunc(r.files, key, func(f FileVerdict, key string) int { return cmp.Compare(f.Key, key) })
	if !ok {
		return nil, nil //nolint:nilnil // nothing is said of it
	}
	return &r.files[i], nil
}

// head reads all but the files, and how many there are.
func (r *report) head() (rep Integrity, files int, err error) {
	return decodeReport(&r.packer, r.bucket.Get(keyHead))
}

// whole reads the report.
func (r *report) whole() (Integrity, error) {
	rep, files, err := r.head()
	if err != nil {
		return rep, err
	}
	for n := range r.chunks {
		some, err := decodeFiles(&r.packer, r.bucket.Get(fileChunkKey(n)), r.texts)
		if err != nil {
			return rep, fmt.Errorf("report: files: %w", err)
		}
		rep.Files = append(rep.Files, some...)
	}
	if len(rep.Files) != files {
		return rep, fmt.Errorf("report: %d files, %d there", files, len(rep.Files))
	}
	return rep, nil
}

// inOrder gives the report with its files in order of key and once each: the first word on a key counts.
func inOrder(rep Integrity) Integrity {
	less := func(a, b FileVerdict) int { return cmp.Compare(a.Key, b.Key) }
	if slices.IsSortedFunc(rep.Files, less) && !hasTwins(rep.Files) {
		return rep
	}
	order := make([]int, len(rep.Files))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return less(rep.Files[a], rep.Files[b]) })
	to := make([]int, len(order))
	files := make([]FileVerdict, 0, len(order))
	for _, old := range order {
		if n := len(files); n == 0 || files[n-1].Key != rep.Files[old].Key {
			files = append(files, rep.Files[old])
		}
		to[old] = len(files) - 1
	}
	rep.Files = files
	rep.Chains = slices.Clone(rep.Chains)
	for i := range rep.Chains {
		digests := slices.Clone(rep.Chains[i].Digests)
		for k := range digests {
			d := &digests[k]
			d.File = to[d.File]
			d.Logs = slices.Clone(d.Logs)
			for m := range d.Logs {
				d.Logs[m] = to[d.Logs[m]]
			}
		}
		rep.Chains[i].Digests = digests
	}
	return rep
}

// valid says that the chains of a report name files of it.
func (rep *Integrity) valid() error {
	is := func(file int) bool { return file >= 0 && file < len(rep.Files) }
	for i := range rep.Chains {
		for _, d := range rep.Chains[i].Digests {
			if !is(d.File) || slices.ContainsFunc(d.Logs, func(l int) bool { return !is(l) }) {
				return fmt.Errorf("integrity of %s: chain %d of %s names a file that is not in the report", rep.Place, i, rep.Chains[i].Trail)
			}
		}
	}
	return nil
}

func hasTwins(files []FileVerdict) bool {
	for i := 1; i < len(files); i++ {
		if files[i].Key == files[i-1].Key {
			return true
		}
	}
	return false
}

// putReport writes a report in transactions of at most some 8 MB, and gives its number. Nothing names it yet.
func (x *Index) putReport(rep *Integrity) (no uint32, err error) {
	var p packer
	head, err := encodeReport(&p, rep)
	if err != nil {
		return 0, err
	}
	err = x.update(func(tx *bolt.Tx) error {
		all, err := tx.CreateBucketIfNotExists(bucketIntegrity)
		if err != nil {
			return err
		}
		no = nextReport(all)
		b, err := all.CreateBucket(reportKey(no))
		if err != nil {
			return err
		}
		return errors.Join(b.Put(keyHead, head), putLost(b, &p, rep.Files))
	})
	for n := 0; err == nil && n*fileChunk < len(rep.Files); {
		err = x.update(func(tx *bolt.Tx) error {
			b := tx.Bucket(bucketIntegrity).Bucket(reportKey(no))
			b.FillPercent = 0.95
			for size := 0; size < flushBytes && n*fileChunk < len(rep.Files); n++ {
				value, err := encodeFiles(&p, rep.Files[n*fileChunk:min(len(rep.Files), (n+1)*fileChunk)])
				if err != nil {
					return err
				}
				if err := b.Put(fileChunkKey(n), value); err != nil {
					return err
				}
				size += len(value)
			}
			return nil
		})
	}
	return no, err
}

// nextReport is a number above all reports.
func nextReport(all *bolt.Bucket) uint32 {
	c := all.Cursor()
	k, _ := c.Seek([]byte{'s'})
	if k == nil {
		k, _ = c.Last()
	} else {
		k, _ = c.Prev()
	}
	if len(k) == 5 && k[0] == 'r' {
		return binary.BigEndian.Uint32(k[1:]) + 1
	}
	return 1
}

// nameReport makes a report the one on its place, and removes what it replaces.
func nameReport(tx *bolt.Tx, place, no uint32) error {
	all := tx.Bucket(bucketIntegrity)
	if old := all.Get(placeReportKey(place)); len(old) == 4 {
		if err := all.DeleteBucket(reportKey(binary.BigEndian.Uint32(old))); err != nil && !errors.Is(err, bolterrors.ErrBucketNotFound) {
			return err
		}
	}
	return all.Put(placeReportKey(place), key32(no))
}

// unnamedReports are the reports that no place names: a killed run left them.
func unnamedReports(tx *bolt.Tx) (names [][]byte) {
	all := tx.Bucket(bucketIntegrity)
	if all == nil {
		return nil
	}
	named := map[string]bool{}
	c := all.Cursor()
	for k, v := c.Seek([]byte{'p'}); len(k) == 5 && k[0] == 'p'; k, v = c.Next() {
		named["r"+string(v)] = true
	}
	for k, v := c.Seek([]byte{'r'}); len(k) == 5 && k[0] == 'r'; k, v = c.Next() {
		if v == nil && !named[string(k)] {
			names = append(names, slices.Clone(k))
		}
	}
	return names
}
