package index

import (
	"encoding/binary"
	"io"

	"github.com/klauspost/compress/zstd"
	bolt "go.etcd.io/bbolt"
)

// keepForm says in which forms a log file's bytes are in the store.
type keepForm uint8

const (
	keepDelivered keepForm = 1 << iota // as stored in its place
	keepBlocks                         // its uncompressed content, so that the middle is read as fast as the beginning

	keepNothing keepForm = 0 // referred to: it is read where it lies
)

const (
	// keepBlocksAbove is where a log file's content is kept in blocks: reading its end by inflating all of it would take
	// more than about 20 ms.
	keepBlocksAbove = 8 << 20
	// blockBytes is the content in one block; all but the last are full.
	blockBytes = 1 << 20
	// deliveredChunk is how much of the delivered bytes stands in one value. bbolt rewrites up to four values beside the
	// one that is appended.
	deliveredChunk = 1 << 20
)

// A kept key is: log file number (4 bytes), kind, number of the chunk or block (4 bytes).
type keptKind byte

const (
	keptDelivered keptKind = 'd'
	keptBlock     keptKind = 'b' // zstd
)

func keptKey(no uint32, kind keptKind, n uint32) []byte {
	k := append(key32(no), byte(kind))
	return binary.BigEndian.AppendUint32(k, n)
}

// A keptChunk is a value of the kept bucket on its way.
type keptChunk struct {
	no   uint32
	kind keptKind
	n    uint32
	data []byte
}

func putKept(tx *bolt.Tx, chunks []keptChunk) error {
	b := tx.Bucket(bucketKept)
	b.FillPercent = 0.95
	size := 0
	for _, c := range chunks {
		if err := b.Put(keptKey(c.no, c.kind, c.n), c.data); err != nil {
			return err
		}
		size += len(c.data)
	}
	return addUint(tx, keyKeptBytes, int64(size))
}

// dropKept removes all kept bytes of a log file.
func dropKept(tx *bolt.Tx, no uint32) error {
	prefix := key32(no)
	c := tx.Bucket(bucketKept).Cursor()
	size := 0
	for k, v := c.Seek(prefix); len(k) == 9 && string(k[:4]) == string(prefix); k, v = c.Next() {
		size += len(v)
		if err := c.Delete(); err != nil {
			return err
		}
	}
	return addUint(tx, keyKeptBytes, -int64(size))
}

// deliveredReader reads the kept delivered bytes of a log file. It is valid as long as the transaction.
type deliveredReader struct {
	tx   *bolt.Tx
	no   uint32
	n    uint32
	rest []byte
}

func (r *deliveredReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		r.rest = r.tx.Bucket(bucketKept).Get(keptKey(r.no, keptDelivered, r.n))
		r.n++
		if len(r.rest) == 0 {
			return 0, io.EOF
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// A blockCoder compresses and inflates blocks. Not for concurrent use.
type blockCoder struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

func (c *blockCoder) compress(block []byte) ([]byte, error) {
	if c.enc == nil {
		enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
		if err != nil {
			return nil, err
		}
		c.enc = enc
	}
	return c.enc.EncodeAll(block, nil), nil
}

func (c *blockCoder) inflate(data []byte) ([]byte, error) {
	if c.dec == nil {
		dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(blockBytes))
		if err != nil {
			return nil, err
		}
		c.dec = dec
	}
	return c.dec.DecodeAll(data, nil)
}
