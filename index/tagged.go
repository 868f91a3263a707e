package index

import (
	"bytes"
	"context"

	"github.com/trailsift/trailsift/source"
)

// Tagged gives the keys of the log files of a place that are held with an entity tag. It walks the ledger of that place
// alone.
func (x *Index) Tagged(ctx context.Context, place source.Place, etag string) (keys map[string]bool, err error) {
	keys = map[string]bool{}
	err = x.view(func(v *storeView) error {
		for no, p := range v.snap.places {
			if p.place.ID != place.ID {
				continue
			}
			prefix := key32(no)
			c := v.tx.Bucket(bucketFiles).Cursor()
			for k, value := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, value = c.Next() {
				if err := ctx.Err(); err != nil {
					return err
				}
				r, err := parseRow(k, value, v.snap.places)
				if err != nil {
					return x.damaged(err)
				}
				if r.ETag == etag && r.State != StateFailed && r.State != StateChanged {
					keys[r.Key] = true
				}
			}
		}
		return nil
	})
	return keys, err
}
