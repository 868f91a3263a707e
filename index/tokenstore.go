package index

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// bucketTokens holds batches of token filters, one for each time a worker hands on what it has, under a running number
// of 8 bytes. It is made when something is first put there. A batch is:
//
//	4 bytes  length of the head
//	head     blocks; of each: spans, units of 64 bytes; of each span: log file number less the one before, first
//	         position, further positions; sealed
//	4 bytes  CRC-32C of the filters
//	filters  units of 64 bytes, block after block; no units: the block holds everything
//
// Some 7 tokens a record of a trail, 14 bits each: 12 bytes a record, 9 % of its gzip.
var bucketTokens = []byte("tokens")

const unitBytes = 64

// A tokenBatch is filters that are whole, on their way to the store.
type tokenBatch struct {
	spans  []tokenSpan
	blocks []tokenBlock
	data   []byte
}

// A tokenBlock is one filter: its spans end at spans[end], its length is units.
type tokenBlock struct{ end, units uint32 }

// add takes the filter of a block, whose bytes are in data already.
func (t *tokenBatch) add(spans []tokenSpan, units int) {
	t.spans = append(t.spans, spans...)
	t.blocks = append(t.blocks, tokenBlock{uint32(len(t.spans)), uint32(units)})
}

// forget takes back the spans of the log file that came last.
func (t *tokenBatch) forget(no uint32) {
	n := len(t.spans)
	for n > 0 && t.spans[n-1].no == no {
		n--
	}
	t.spans = t.spans[:n]
	for i := len(t.blocks) - 1; i >= 0 && int(t.blocks[i].end) > n; i-- {
		t.blocks[i].end = uint32(n)
	}
}

// takeBatch gives the filters of whole log files, encoded; nil where there are none.
func (b *tokenBuilder) takeBatch() []byte {
	b.close()
	t := &b.done
	b.file, b.ahead = tokenSpan{}, 0
	if len(t.spans) == 0 {
		t.blocks, t.data = t.blocks[:0], t.data[:0]
		return nil
	}
	head := binary.AppendUvarint(nil, uint64(len(t.blocks)))
	at, before := uint32(0), uint32(0)
	for _, block := range t.blocks {
		head = binary.AppendUvarint(head, uint64(block.end-at))
		head = binary.AppendUvarint(head, uint64(block.units))
		for _, s := range t.spans[at:block.end] {
			head = binary.AppendVarint(head, int64(s.no)-int64(before))
			head = binary.AppendUvarint(head, uint64(s.from))
			head = binary.AppendUvarint(head, uint64(s.to-s.from))
			before = s.no
		}
		at = block.end
	}
	head = seal(head)
	out := make([]byte, 0, 8+len(head)+len(t.data))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(head)))
	out = append(out, head...)
	out = binary.LittleEndian.AppendUint32(out, crc32.Checksum(t.data, castagnoli))
	out = append(out, t.data...)
	t.spans, t.blocks, t.data = t.spans[:0], t.blocks[:0], t.data[:0]
	return out
}

// append encodes a filter.
func (g *filter) append(dst []byte) []byte {
	for i := range g.blocks {
		for _, w := range g.blocks[i] {
			dst = binary.LittleEndian.AppendUint64(dst, w)
		}
	}
	return dst
}

// perhapsIn is filter.perhaps for an encoded filter.
func perhapsIn(data []byte, h uint64) bool {
	unit := data[(h>>32)*uint64(len(data)/unitBytes)>>32*unitBytes:][:unitBytes]
	for range filterProbes {
		h = h*0x9e3779b97f4a7c15 + 1
		if binary.LittleEndian.Uint64(unit[h>>61*8:])&(1<<(h>>55&63)) == 0 {
			return false
		}
	}
	return true
}

// putTokens writes a batch; nil is none.
func putTokens(tx *bolt.Tx, batch []byte) error {
	if batch == nil {
		return nil
	}
	b, err := tx.CreateBucketIfNotExists(bucketTokens)
	if err != nil {
		return err
	}
	b.FillPercent = 0.95 // in the order of their keys
	return b.Put(binary.BigEndian.AppendUint64(nil, lastBatch(b)+1), batch)
}

// lastBatch is the number of the batch written last; 0: none.
func lastBatch(b *bolt.Bucket) uint64 {
	k, _ := b.Cursor().Last()
	if len(k) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(k)
}

// parseTokens reads a batch. Its data is part of value.
func parseTokens(value []byte) (t tokenBatch, err error) {
	if len(value) < 4 {
		return t, errShort
	}
	size := int(binary.LittleEndian.Uint32(value))
	if size < 0 || size > len(value)-8 {
		return t, errShort
	}
	head, err := unseal(value[4 : 4+size])
	r := reader{b: head, err: err}
	units, before := 0, int64(0)
	for n := r.int(); n > 0 && r.err == nil; n-- {
		spans, length := r.int(), r.int()
		units += length
		for ; spans > 0 && r.err == nil; spans-- {
			before += r.int64()
			s := tokenSpan{no: uint32(before), from: uint32(r.int())}
			s.to = s.from + uint32(r.int())
			t.spans = append(t.spans, s)
		}
		t.blocks = append(t.blocks, tokenBlock{uint32(len(t.spans)), uint32(length)})
	}
	t.data = value[8+size:]
	if r.err == nil && units*unitBytes != len(t.data) {
		r.err = errShort
	}
	return t, r.err
}

// checkTokens reads a batch whole.
func checkTokens(value []byte) error {
	t, err := parseTokens(value)
	if err == nil && crc32.Checksum(t.data, castagnoli) != binary.LittleEndian.Uint32(value[len(value)-len(t.data)-4:]) {
		err = fmt.Errorf("%w: checksum of token filters", errSegment)
	}
	return err
}

// A tokenDir says where the filters of the store lie; it never changes. 12 bytes a block and 16 a span: at 10 million
// records some 1 MB.
type tokenDir struct {
	last    uint64 // number of the last batch that is in it
	batches []dirBatch
	spans   []dirSpan // by (no, from)
	blocks  int
}

// A dirBatch is a batch: its blocks are numbered from first on.
type dirBatch struct {
	key    uint64
	first  int
	blocks []tokenBlock
}

type dirSpan struct {
	tokenSpan
	block uint32
}

// tokenDir gives the directory of what a view sees.
func (v *storeView) tokenDir() (*tokenDir, error) {
	old := v.x.tokens.Load()
	if old == nil {
		old = &tokenDir{}
	}
	b := v.tx.Bucket(bucketTokens)
	if b == nil {
		return &tokenDir{}, nil
	}
	last := lastBatch(b)
	if last == old.last {
		return old, nil
	}
	d := &tokenDir{last: last, batches: slices.Clone(old.batches), spans: slices.Clone(old.spans), blocks: old.blocks}
	if old.last > d.last { // another file than before
		*d, old = tokenDir{last: last}, &tokenDir{}
	}
	c := b.Cursor()
	for k, value := c.Seek(binary.BigEndian.AppendUint64(nil, old.last+1)); k != nil; k, value = c.Next() {
		if err := d.learn(k, value); err != nil {
			return nil, fmt.Errorf("token filters: %w", err)
		}
	}
	slices.SortFunc(d.spans, func(a, b dirSpan) int { return cmp.Or(cmp.Compare(a.no, b.no), cmp.Compare(a.from, b.from)) })
	v.x.tokens.Store(d)
	return d, nil
}

func (d *tokenDir) learn(k, value []byte) error {
	t, err := parseTokens(value)
	if err != nil || len(k) != 8 {
		return cmp.Or(err, errShort)
	}
	at := uint32(0)
	for i, block := range t.blocks {
		for _, s := range t.spans[at:block.end] {
			d.spans = append(d.spans, dirSpan{s, uint32(d.blocks + i)})
		}
		at = block.end
	}
	d.batches = append(d.batches, dirBatch{binary.BigEndian.Uint64(k), d.blocks, t.blocks})
	d.blocks += len(t.blocks)
	return nil
}

// of gives the spans of a log file, in order; none: it has no filters.
func (d *tokenDir) of(no uint32) []dirSpan {
	compare := func(s dirSpan, no uint32) int { return cmp.Compare(s.no, no) }
	lo, _ := slices.BinarySearchFunc(d.spans, no, compare)
	hi := lo
	for hi < len(d.spans) && d.spans[hi].no == no {
		hi++
	}
	return d.spans[lo:hi]
}

// holding gives the blocks that perhaps hold all tokens, a bit each.
func (d *tokenDir) holding(tx *bolt.Tx, tokens []uint64) ([]uint64, error) {
	out := make([]uint64, wordsFor(d.blocks))
	b := tx.Bucket(bucketTokens)
	for _, batch := range d.batches {
		value := b.Get(binary.BigEndian.AppendUint64(nil, batch.key))
		units := 0
		for _, block := range batch.blocks {
			units += int(block.units)
		}
		if len(value) < units*unitBytes {
			return nil, fmt.Errorf("token filters: %w", errShort)
		}
		data := value[len(value)-units*unitBytes:]
		for i, block := range batch.blocks {
			own := data[:block.units*unitBytes]
			data = data[len(own):]
			if block.units == 0 || !slices.ContainsFunc(tokens, func(h uint64) bool { return !perhapsIn(own, h) }) {
				setRange(out, batch.first+i, batch.first+i+1)
			}
		}
	}
	return out, nil
}
