package index

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/trailsift/trailsift/source"
)

// FileState says what became of a version of a log file.
type FileState uint8

const (
	// StateHeld is a log file that was read whole; it may hold no events.
	StateHeld FileState = iota + 1
	// StateProblem is a log file that is held, but something in it was damaged or could not be used.
	StateProblem
	// StateIgnored is recognisably something else than a log file; FileRow.Other names it.
	StateIgnored
	// StateDigest is a digest file, which holds no events.
	StateDigest
	// StateFailed is a log file of which nothing could be read; it is asked for again next time.
	StateFailed
	// StateChanged is a version of which a newer one is held.
	StateChanged
)

func (s FileState) String() string {
	switch s {
	case StateHeld:
		return "held"
	case StateProblem:
		return "problem"
	case StateIgnored:
		return "ignored"
	case StateDigest:
		return "digest"
	case StateFailed:
		return "failed"
	case StateChanged:
		return "changed"
	}
	return "unknown"
}

// A FileRow is what the ledger says of one version of a log file. Keys, reasons and kinds are text from outside.
type FileRow struct {
	Place     string // identity of the place
	Key       string
	Version   int // from 1; the newest one counts
	State     FileState
	ETag      string   // as listed
	Size      int64    // as stored
	SHA256    [32]byte // of the bytes as stored; zero where they were not read whole
	Bytes     int64    // uncompressed
	Events    int      // records, salvaged ones among them
	Salvaged  int
	Skipped   int
	Other     string // what it is, where it is something else
	Reason    string // what is wrong with the file as a whole
	Problems  []source.Problem
	Kept      bool // its bytes are in the store
	BroughtIn time.Time
	Delivered time.Time
	Program   string            // version of the program that brought it in
	Meta      map[string]string // what the place keeps beside the bytes
	MovedTo   string            // where it was found again (Relocate); "": where place and key say

	Verdict       string // "valid", "invalid", "warn", "unverified", "info", "unchecked"
	Class         string // why: "log.modified", …; "" where it is unchecked
	VerdictReason string // in words
}

// Trouble is what is wrong with the log file, and at which byte of its uncompressed content that begins, -1 where that is
// not known; ok is false where nothing is wrong. The reason is text from outside.
func (r *FileRow) Trouble() (reason string, offset int64, ok bool) {
	if r.State != StateProblem && r.State != StateFailed && r.Reason == "" && len(r.Problems) == 0 {
		return "", -1, false
	}
	reason, offset = r.problemText(), -1
	if _, at, told := strings.Cut(r.Reason, "at byte "); told { // "not valid JSON at byte 8,120: …"
		offset = leadingNumber(at)
	} else if r.Reason == "" && len(r.Problems) > 0 {
		offset = r.Problems[0].Offset
	}
	return reason, offset, true
}

// leadingNumber is the number a text begins with, its thousands set off by commas; -1 where there is none.
func leadingNumber(s string) int64 {
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == ',' && end > 0) {
		end++
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(s[:end], ",", ""), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// A ledgerRow is a FileRow with what only the index needs.
type ledgerRow struct {
	FileRow
	place   uint32
	no      uint32 // log file number: one for each version of each log file
	modTime int64  // Unix nanoseconds; 0: not known
	keep    keepForm
	at      *location // where it was found again; nil: where place and key say
}

// A location is where a log file lies that is not where its place and key say.
type location struct {
	place source.Place
	key   string
}

// text is the location as a person would look it up.
func (l location) text() string {
	text := strings.TrimSuffix(l.place.Text, "/")
	if text == l.key || strings.HasSuffix(text, "/"+l.key) { // the place is the file
		return text
	}
	return text + "/" + l.key
}

// listedSame says that a listing shows the file as it was when this row was written, as far as the place tells.
func (r *ledgerRow) listedSame(f source.File) bool {
	switch {
	case r.State == StateFailed || f.Volatile:
		return false
	case f.SizeBytes >= 0 && f.SizeBytes != r.Size:
		return false
	case f.ETag != "" && r.ETag != "":
		return f.ETag == r.ETag
	}
	return f.ModTime.IsZero() || r.modTime == 0 || f.ModTime.UnixNano() == r.modTime
}

// stamp takes over what a listing says of the file.
func (r *ledgerRow) stamp(f source.File) {
	r.restamp(f)
	if d := f.Delivered(); !d.IsZero() {
		r.Delivered = d.UTC()
	}
}

// A ledger key is: place number (4 bytes), log file key with 0 written as 0 255, then 0 1, then the version inverted
// (4 bytes), so that the newest version of a log file comes first and log files are in the order of their keys.
func ledgerKey(place uint32, key string, version uint32) []byte {
	return binary.BigEndian.AppendUint32(ledgerPrefix(place, key), ^version)
}

func ledgerPrefix(place uint32, key string) []byte {
	k := make([]byte, 4, len(key)+12)
	binary.BigEndian.PutUint32(k, place)
	for {
		i := strings.IndexByte(key, 0)
		if i < 0 {
			break
		}
		k = append(append(k, key[:i]...), 0, 0xff)
		key = key[i+1:]
	}
	return append(append(k, key...), 0, 1)
}

func parseLedgerKey(k []byte) (place uint32, key string, version uint32, ok bool) {
	if len(k) < 10 || k[len(k)-6] != 0 || k[len(k)-5] != 1 {
		return 0, "", 0, false
	}
	text := k[4 : len(k)-6]
	if bytes.IndexByte(text, 0) >= 0 {
		text = bytes.ReplaceAll(text, []byte{0, 0xff}, []byte{0})
	}
	return binary.BigEndian.Uint32(k), string(text), ^binary.BigEndian.Uint32(k[len(k)-4:]), true
}

// encode gives the value of a row: some 70 bytes where nothing is wrong with the file.
func (r *ledgerRow) encode() []byte {
	b := []byte{1, byte(r.State), byte(r.keep)}
	b = append(b, r.SHA256[:]...)
	for _, n := range []int64{
		int64(r.no), r.Size, r.Bytes, int64(r.Events), int64(r.Salvaged), int64(r.Skipped),
		r.modTime, unixOrZero(r.BroughtIn), unixOrZero(r.Delivered),
	} {
		b = binary.AppendVarint(b, n)
	}
	for _, s := range []string{r.ETag, r.Program, r.Other, r.Reason} {
		b = appendText(b, s)
	}
	b = binary.AppendUvarint(b, uint64(len(r.Problems)))
	for _, p := range r.Problems {
		b = binary.AppendVarint(b, p.Offset)
		b = appendText(b, p.Reason)
	}
	b = appendMeta(b, r.Meta)
	if r.at != nil { // rows of earlier versions end before it
		b = appendText(appendPlace(b, r.at.place), r.at.key)
	}
	return seal(b)
}

// parseRow reads what encode wrote, with the key it stands under.
func parseRow(k, v []byte, places map[uint32]placeRow) (*ledgerRow, error) {
	place, key, version, ok := parseLedgerKey(k)
	if !ok {
		return nil, fmt.Errorf("ledger key %x is not well formed", k)
	}
	r := &ledgerRow{place: place, FileRow: FileRow{Place: places[place].place.ID, Key: key, Version: int(version)}}
	v, err := unseal(v)
	if err != nil {
		return nil, fmt.Errorf("ledger row of %s: %w", key, err)
	}
	d := reader{b: v}
	head := d.bytes(3)
	sum := d.bytes(32)
	if d.err != nil || head[0] != 1 {
		return nil, fmt.Errorf("ledger row of %s is not well formed", key)
	}
	r.State, r.keep = FileState(head[1]), keepForm(head[2])
	copy(r.SHA256[:], sum)
	r.no = uint32(d.int64())
	r.Size, r.Bytes = d.int64(), d.int64()
	r.Events, r.Salvaged, r.Skipped = int(d.int64()), int(d.int64()), int(d.int64())
	r.modTime, r.BroughtIn, r.Delivered = d.int64(), timeOrZero(d.int64()), timeOrZero(d.int64())
	r.ETag, r.Program, r.Other, r.Reason = d.text(), d.text(), d.text(), d.text()
	for n := d.int(); n > 0 && d.err == nil; n-- {
		r.Problems = append(r.Problems, source.Problem{Offset: d.int64(), Reason: d.text()})
	}
	r.Meta = d.meta()
	r.Kept = r.keep != keepNothing
	if len(d.b) > 0 {
		r.at = &location{d.place(), d.text()}
		r.MovedTo = r.at.text()
	}
	if d.err != nil {
		return nil, fmt.Errorf("ledger row of %s: %w", key, d.err)
	}
	return r, nil
}

func unixOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// nanoTime is the inverse of Time.UnixNano, with 0 for a time that is not known.
func nanoTime(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

func timeOrZero(sec int64) time.Time {
	if sec == 0 {
		return time.Time{}
	}
	return time.Unix(sec, 0).UTC()
}

// newestRow is the row of the newest version of a log file; nil where it was never seen.
func newestRow(tx *bolt.Tx, places map[uint32]placeRow, place uint32, key string) (*ledgerRow, error) {
	prefix := ledgerPrefix(place, key)
	k, v := tx.Bucket(bucketFiles).Cursor().Seek(prefix)
	if len(k) != len(prefix)+4 || !bytes.HasPrefix(k, prefix) {
		return nil, nil //nolint:nilnil // "never seen" is no error
	}
	return parseRow(k, v, places)
}

// versionRow is the row of one version of a log file.
func versionRow(tx *bolt.Tx, places map[uint32]placeRow, place uint32, key string, version uint32) (*ledgerRow, error) {
	k := ledgerKey(place, key, version)
	v := tx.Bucket(bucketFiles).Get(k)
	if v == nil {
		return nil, fmt.Errorf("the ledger has no row for version %d of %s", version, key)
	}
	return parseRow(k, v, places)
}

// putRow writes a row.
func putRow(tx *bolt.Tx, r *ledgerRow) error {
	b := tx.Bucket(bucketFiles)
	b.FillPercent = 0.95 // rows come mostly in the order of their keys
	k, v := ledgerKey(r.place, r.Key, uint32(r.Version)), r.encode()
	grown := len(k) + len(v)
	if old := b.Get(k); old != nil {
		grown -= len(k) + len(old)
	}
	if err := b.Put(k, v); err != nil {
		return err
	}
	return addUint(tx, keyLedgerBytes, int64(grown))
}

func addUint(tx *bolt.Tx, key []byte, by int64) error {
	if by == 0 {
		return nil
	}
	meta := tx.Bucket(bucketMeta)
	return putUint(meta, key, uint64(int64(getUint(meta, key))+by))
}

// A placeRow is a place events came from.
type placeRow struct {
	no    uint32
	place source.Place
	// first is the identity it had when it was first seen, by which events are ordered: segments keep their order when a
	// place moves.
	first string
}

func appendPlace(dst []byte, p source.Place) []byte {
	remote := byte(0)
	if p.Remote {
		remote = 1
	}
	return append(appendText(appendText(dst, p.ID), p.Text), remote)
}

func (r *reader) place() source.Place {
	return source.Place{ID: r.text(), Text: r.text(), Remote: r.uint64() == 1}
}

// putPlace writes a place.
func putPlace(tx *bolt.Tx, p placeRow) error {
	v := appendPlace(nil, p.place)
	if p.first != p.place.ID {
		v = appendText(v, p.first)
	}
	return tx.Bucket(bucketPlaces).Put(key32(p.no), seal(v))
}

// loadPlaces reads all places; there are few.
func loadPlaces(tx *bolt.Tx) (map[uint32]placeRow, error) {
	places := map[uint32]placeRow{}
	err := tx.Bucket(bucketPlaces).ForEach(func(k, v []byte) error {
		if len(k) != 4 {
			return errShort
		}
		v, err := unseal(v)
		r := reader{b: v, err: err}
		p := placeRow{no: binary.BigEndian.Uint32(k)}
		p.place = r.place()
		if p.first = p.place.ID; len(r.b) > 0 {
			p.first = r.text()
		}
		if r.err != nil {
			return fmt.Errorf("place %d: %w", p.no, r.err)
		}
		places[p.no] = p
		return nil
	})
	return places, err
}

// takePlace gives the number of a place, a new one where it was never seen. The spelling used last is kept.
func takePlace(tx *bolt.Tx, p source.Place) (uint32, error) {
	places, err := loadPlaces(tx)
	if err != nil {
		return 0, err
	}
	taken := placeRow{no: uint32(len(places) + 1), place: p, first: p.ID}
	for _, row := range places {
		if row.place.ID == p.ID {
			if row.place == p {
				return row.no, nil
			}
			taken.no, taken.first = row.no, row.first
		}
	}
	return taken.no, putPlace(tx, taken)
}

// placeByID is the number of a place that is known by its identity, else takePlace.
func placeByID(tx *bolt.Tx, p source.Place) (uint32, error) {
	places, err := loadPlaces(tx)
	if err != nil {
		return 0, err
	}
	for no, row := range places {
		if row.place.ID == p.ID {
			return no, nil
		}
	}
	return takePlace(tx, p)
}
