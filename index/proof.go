package index

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"sync"

	bolt "go.etcd.io/bbolt"

	"github.com/trailsift/trailsift/source"
)

// A stamp is what a listing says of a file beside its key: what was found in a file counts while its stamp is the same.
type stamp struct {
	size    int64 // -1: not known before opening
	modTime int64 // Unix nanoseconds; 0: not known
	etag    string
}

func stampOf(f source.File) stamp {
	s := stamp{size: max(f.SizeBytes, -1), etag: f.ETag}
	if !f.ModTime.IsZero() {
		s.modTime = f.ModTime.UnixNano()
	}
	return s
}

// same says that two stamps are of the same bytes, as far as a place tells. A file of which nothing is told but its key
// is never the same.
func (s stamp) same(t stamp) bool {
	if s.etag != t.etag || s.modTime != t.modTime {
		return false
	}
	return s.size == t.size && (s.size >= 0 || s.etag != "" || s.modTime != 0) ||
		(s.size < 0 || t.size < 0) && (s.etag != "" || s.modTime != 0)
}

func (s stamp) append(dst []byte) []byte {
	dst = binary.AppendVarint(dst, s.size)
	dst = binary.AppendVarint(dst, s.modTime)
	return appendText(dst, s.etag)
}

func (r *reader) stamp() stamp { return stamp{size: r.int64(), modTime: r.int64(), etag: r.text()} }

// Proofs remember what was found in the files of one place: the content of log files, and digests as stored, so that a
// second verification reads only what is new. An entry counts while size, ETag and modification time are as they were.
// What is put is kept in memory until Flush. Safe for concurrent use.
type Proofs struct {
	x     *Index
	place source.Place

	mu       sync.Mutex
	contents map[string]contentProof
	objects  map[string]objectProof
	no       uint32 // number of the place; 0: not known yet
}

// A contentProof is what was found in a log file: some 70 bytes beside the key.
type contentProof struct {
	stamp stamp
	hash  source.ContentHash
}

// An objectProof is a digest as stored.
type objectProof struct {
	stamp stamp
	data  []byte
	meta  map[string]string
}

// Proofs of a place. They work on an index open for reading too.
func (x *Index) Proofs(p source.Place) *Proofs {
	return &Proofs{x: x, place: p, contents: map[string]contentProof{}, objects: map[string]objectProof{}}
}

// Content is what was found in a log file; false where it was not looked into, or was another then.
func (p *Proofs) Content(f source.File) (source.ContentHash, bool) {
	want := stampOf(f)
	p.mu.Lock()
	found, ok := p.contents[f.Key]
	p.mu.Unlock()
	if ok && found.stamp.same(want) {
		return found.hash, true
	}
	err := p.x.view(func(v *storeView) error {
		no, err := p.number(v.tx)
		if err != nil || no == 0 {
			return err
		}
		found, ok, err = contentOf(v.tx, no, f.Key, want)
		return err
	})
	return found.hash, err == nil && ok && found.stamp.same(want)
}

// PutContent notes what was found in a log file.
func (p *Proofs) PutContent(f source.File, c source.ContentHash) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.contents[f.Key] = contentProof{stampOf(f), c}
}

// Object is a digest as stored, with what its place keeps beside it: as it was put, or as it was brought in.
func (p *Proofs) Object(f source.File) (data []byte, meta map[string]string, ok bool) {
	want := stampOf(f)
	p.mu.Lock()
	found, ok := p.objects[f.Key]
	p.mu.Unlock()
	if ok && found.stamp.same(want) {
		return found.data, found.meta, true
	}
	ok = false
	err := p.x.view(func(v *storeView) error {
		no, err := p.number(v.tx)
		if err != nil || no == 0 {
			return err
		}
		if found, ok, err = objectOf(v.tx, no, f.Key, want); ok || err != nil {
			return err
		}
		found, ok, err = keptObject(v, no, f.Key, want)
		return err
	})
	return found.data, found.meta, err == nil && ok
}

// PutObject notes a digest as stored. It keeps data.
func (p *Proofs) PutObject(f source.File, data []byte, meta map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.objects[f.Key] = objectProof{stampOf(f), data, meta}
}

// number is that of the place; 0 while the index has not heard of it.
func (p *Proofs) number(tx *bolt.Tx) (uint32, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.no != 0 {
		return p.no, nil
	}
	places, err := loadPlaces(tx)
	for no, row := range places {
		if row.place.ID == p.place.ID {
			p.no = no
		}
	}
	return p.no, err
}

// keptObject is a file that was brought in with its bytes kept, which need not be stored twice.
func keptObject(v *storeView, place uint32, key string, want stamp) (o objectProof, ok bool, err error) {
	row, err := newestRow(v.tx, v.snap.places, place, key)
	if err != nil || row == nil || row.keep&keepDelivered == 0 || !row.listed().same(want) {
		return o, false, err
	}
	data, err := io.ReadAll(&deliveredReader{tx: v.tx, no: row.no})
	return objectProof{want, data, row.Meta}, err == nil, err
}

// listed is the stamp of the listing in which this version came in.
func (r *ledgerRow) listed() stamp { return stamp{size: r.Size, modTime: r.modTime, etag: r.ETag} }

// A proof stands under: ledger prefix of place and key, kind.
type proofKind byte

const (
	proofContent proofKind = 'c' // several: one for each stamp
	proofObject  proofKind = 'o' // the last one
)

func proofKey(place uint32, key string, kind proofKind) []byte {
	return append(ledgerPrefix(place, key), byte(kind))
}

// contentOf is what was found in a log file with this stamp.
func contentOf(tx *bolt.Tx, place uint32, key string, want stamp) (p contentProof, ok bool, err error) {
	all, err := contentsOf(tx, place, key)
	for _, p := range all {
		if p.stamp.same(want) {
			return p, true, nil
		}
	}
	return p, false, err
}

// contentsOf is what was found in the versions of a log file, the one looked into last first.
func contentsOf(tx *bolt.Tx, place uint32, key string) ([]contentProof, error) {
	b := tx.Bucket(bucketProofs)
	if b == nil {
		return nil, nil
	}
	return parseContents(b.Get(proofKey(place, key, proofContent)))
}

// maxContents is how many versions of one log file are remembered.
const maxContents = 8

// appendContents encodes what was found in the versions of a log file, the newest first.
func appendContents(dst []byte, all []contentProof) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(all)))
	for i := range all {
		h := &all[i].hash
		var bits byte
		if h.Plain {
			bits |= 1
		}
		if h.Trailing {
			bits |= 2
		}
		dst = all[i].stamp.append(dst)
		dst = append(append(dst, h.Sum[:]...), bits, h.First)
		dst = appendText(binary.AppendVarint(dst, h.Size), h.Damage)
	}
	return dst
}

// parseContents reads what appendContents wrote and seal closed; nothing where v is nil.
func parseContents(v []byte) (all []contentProof, err error) {
	if v == nil {
		return nil, nil
	}
	v, err = unseal(v)
	r := reader{b: v, err: err}
	for n := r.int(); n > 0 && r.err == nil; n-- {
		p := contentProof{stamp: r.stamp()}
		copy(p.hash.Sum[:], r.bytes(len(p.hash.Sum)))
		if bits := r.bytes(2); r.err == nil {
			p.hash.Plain, p.hash.Trailing, p.hash.First = bits[0]&1 != 0, bits[0]&2 != 0, bits[1]
		}
		p.hash.Size, p.hash.Damage = r.int64(), r.text()
		all = append(all, p)
	}
	if r.err != nil {
		return nil, fmt.Errorf("proof: %w", r.err)
	}
	return all, nil
}

// putContent adds what was found in a version of a log file.
func putContent(b *bolt.Bucket, place uint32, key string, p contentProof) error {
	k := proofKey(place, key, proofContent)
	old, err := parseContents(b.Get(k))
	if err != nil {
		old = nil // damaged: it is found out again
	}
	all := append([]contentProof{p}, slices.DeleteFunc(old, func(o contentProof) bool { return o.stamp.same(p.stamp) })...)
	return b.Put(k, seal(appendContents(nil, all[:min(len(all), maxContents)])))
}

// objectOf is a digest that was put with this stamp.
func objectOf(tx *bolt.Tx, place uint32, key string, want stamp) (o objectProof, ok bool, err error) {
	b := tx.Bucket(bucketProofs)
	if b == nil {
		return o, false, nil
	}
	v := b.Get(proofKey(place, key, proofObject))
	if v == nil {
		return o, false, nil
	}
	o, err = parseObject(v)
	return o, err == nil && o.stamp.same(want), err
}

// parseObject reads what putObject wrote.
func parseObject(v []byte) (o objectProof, err error) {
	v, err = unseal(v)
	r := reader{b: v, err: err}
	o.stamp, o.meta = r.stamp(), r.meta()
	o.data = bytes.Clone(r.bytes(r.int()))
	if r.err != nil {
		return objectProof{}, fmt.Errorf("proof: %w", r.err)
	}
	return o, nil
}

func putObject(b *bolt.Bucket, place uint32, key string, o objectProof) error {
	v := appendMeta(o.stamp.append(nil), o.meta)
	v = binary.AppendUvarint(v, uint64(len(o.data)))
	return b.Put(proofKey(place, key, proofObject), seal(append(v, o.data...)))
}

// flushBytes is about how much one transaction of Flush writes.
const flushBytes = 8 << 20

// A pendingProof is something that was put.
type pendingProof struct {
	key     string
	content *contentProof
	object  *objectProof
}

// Flush writes what was put. On an index open for reading it takes the write lock for that time, and waits for it as
// Promote does.
func (p *Proofs) Flush() error {
	pending := p.pending()
	if len(pending) == 0 {
		return nil
	}
	p.x.ingest.Lock()
	defer p.x.ingest.Unlock()
	return p.x.writing(context.Background(), func() error {
		for len(pending) > 0 {
			n, size := 0, 0
			for ; n < len(pending) && size < flushBytes; n++ {
				size += len(pending[n].key) + 128
				if o := pending[n].object; o != nil {
					size += len(o.data)
				}
			}
			if err := p.write(pending[:n]); err != nil {
				return err
			}
			pending = pending[n:]
		}
		return nil
	})
}

// pending is what was put, in order of key.
func (p *Proofs) pending() (all []pendingProof) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, c := range p.contents {
		all = append(all, pendingProof{key: key, content: &c})
	}
	for key, o := range p.objects {
		all = append(all, pendingProof{key: key, object: &o})
	}
	slices.SortFunc(all, func(a, b pendingProof) int { return cmp.Compare(a.key, b.key) })
	return all
}

// write stores some of what is pending, and forgets it here.
func (p *Proofs) write(some []pendingProof) error {
	err := p.x.update(func(tx *bolt.Tx) error {
		no, err := placeByID(tx, p.place)
		if err != nil {
			return err
		}
		b, err := tx.CreateBucketIfNotExists(bucketProofs)
		if err != nil {
			return err
		}
		b.FillPercent = 0.95 // mostly in the order of their keys
		for _, e := range some {
			if e.content != nil {
				err = putContent(b, no, e.key, *e.content)
			} else {
				err = putObject(b, no, e.key, *e.object)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range some {
		if e.content != nil && p.contents[e.key] == *e.content {
			delete(p.contents, e.key)
		}
		if e.object != nil && p.objects[e.key].stamp == e.object.stamp {
			delete(p.objects, e.key)
		}
	}
	return nil
}
