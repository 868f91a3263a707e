package index

import (
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/trailsift/trailsift/source"
)

// verdictUnchecked is the verdict of a log file no digest was held against.
const verdictUnchecked = "unchecked"

// A placeRow is a place events came from.
type placeRow struct {
	no    uint32
	place source.Place
}

// loadPlaces reads all places; there are few.
func loadPlaces(tx *bolt.Tx) (map[uint32]placeRow, error) {
	places := map[uint32]placeRow{}
	err := tx.Bucket(bucketPlaces).ForEach(func(k, v []byte) error {
		if len(k) != 4 {
			return errShort
		}
		r := reader{b: v}
		p := placeRow{no: binary.BigEndian.Uint32(k)}
		p.place.ID, p.place.Text = r.text(), r.text()
		p.place.Remote = r.uint64() == 1
		if r.err != nil {
			return fmt.Errorf("place %d: %w", p.no, r.err)
		}
		places[p.no] = p
		return nil
	})
	return places, err
}
