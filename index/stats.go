package index

import (
	"os"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/trailsift/trailsift/source"
)

// Stats say what is in the index.
type Stats struct {
	Places        []source.Place
	Events        int // shown
	Documents     int // all copies
	Duplicates    int // copies that are not shown, variants among them
	Variants      int
	Conflicts     int // copies shown beside another one that says otherwise
	Salvaged      int
	Untimed       int // of the events shown
	Files         map[FileState]int
	First, Last   time.Time // of the events, to the second; zero where none has a time
	Segments      int
	IndexBytes    int64 // live: segments, overlays, ledger and what is known of integrity, without kept bytes
	KeptBytes     int64
	FileBytes     int64       // of the file
	Columns       []ColumnUse // by field, then what is no field
	Created, Used time.Time   // Used: last bringing in
	Generation    uint64
}

// A ColumnUse is what a field takes in all segments.
type ColumnUse struct {
	Name                     string
	Codes, Terms, Lists, All int64 // bytes: column and sets, dictionary, posting lists; All is their sum
}

// Stats reads the manifest, the directories of the segments and the ledger.
func (x *Index) Stats() (Stats, error) {
	st := Stats{Files: map[FileState]int{}}
	err := x.view(func(v *storeView) error {
		meta := v.tx.Bucket(bucketMeta)
		st.Created, st.Used = timeOrZero(int64(getUint(meta, keyCreated))), timeOrZero(int64(getUint(meta, keyUsed)))
		st.Generation, st.Segments = v.generation(), len(v.snap.segments)
		st.KeptBytes = int64(getUint(meta, keyKeptBytes))
		st.IndexBytes = int64(getUint(meta, keyLedgerBytes))
		for no := uint32(1); int(no) <= len(v.snap.places); no++ {
			st.Places = append(st.Places, v.snap.places[no].place)
		}
		for i := range v.snap.segments {
			st.add(&v.snap.segments[i])
		}
		st.Columns = v.columns()
		for c, k := first(v.tx.Bucket(bucketOverlays)); k != nil; k, _ = c.Next() {
			st.IndexBytes += int64(len(v.tx.Bucket(bucketOverlays).Get(k)))
		}
		st.addIntegrity(v.tx)
		return st.countFiles(v.tx)
	})
	if err != nil {
		return Stats{}, err
	}
	info, err := os.Stat(x.path)
	if err != nil {
		return Stats{}, err
	}
	st.FileBytes = info.Size()
	return st, nil
}

// addIntegrity counts the bytes of proofs, reports and filters of tokens.
func (st *Stats) addIntegrity(tx *bolt.Tx) {
	for _, name := range [][]byte{bucketProofs, bucketIntegrity, bucketTokens} {
		if b := tx.Bucket(name); b != nil {
			st.addBucket(b)
		}
	}
}

func (st *Stats) addBucket(b *bolt.Bucket) {
	c := b.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if v == nil {
			if inner := b.Bucket(k); inner != nil {
				st.addBucket(inner)
			}
			continue
		}
		st.IndexBytes += int64(len(k) + len(v))
	}
}

func (st *Stats) add(m *segmentMeta) {
	st.Events += m.shown
	st.Documents += m.docs
	st.Duplicates += m.hidden() - m.replaced
	st.Variants += m.variants
	st.Conflicts += m.conflicts
	st.Salvaged += m.salvaged
	st.Untimed += m.shownUntimed
	st.IndexBytes += m.bytes
	if m.timed == 0 {
		return
	}
	if t := time.Unix(m.minSec, 0).UTC(); st.First.IsZero() || t.Before(st.First) {
		st.First = t
	}
	if t := time.Unix(m.maxSec, 0).UTC(); st.Last.IsZero() || t.After(st.Last) {
		st.Last = t
	}
}

// countFiles counts the newest version of each log file by state. Values of the ledger begin with their state.
func (st *Stats) countFiles(tx *bolt.Tx) error {
	c := tx.Bucket(bucketFiles).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if len(v) < 2 {
			return errShort
		}
		st.Files[FileState(v[1])]++
	}
	return nil
}

// columns adds up the parts of all segments.
func (v *storeView) columns() []ColumnUse {
	var uses []ColumnUse
	at := map[string]int{}
	use := func(name string) *ColumnUse {
		i, ok := at[name]
		if !ok {
			i = len(uses)
			at[name] = i
			uses = append(uses, ColumnUse{Name: name})
		}
		return &uses[i]
	}
	for i := range fields {
		use(fields[i].Name)
	}
	for _, name := range plainParts {
		use("(" + name + ")")
	}
	for _, dir := range v.snap.dirs {
		for name, ref := range dir.parts {
			n := int64(ref.len)
			var u *ColumnUse
			switch {
			case len(name) < 2 || name[1] != ':':
				u = use("(" + name + ")")
				u.Codes += n
			case name[:2] == partTerms:
				u = use(name[2:])
				u.Terms += n
			case name[:2] == partLists:
				u = use(name[2:])
				u.Lists += n
			default:
				u = use(name[2:])
				u.Codes += n
			}
			u.All += n
		}
	}
	return uses
}
