package digest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/trailsift/trailsift/source"
)

// A coverage is what is known of one account and Region: when proven digests cover what was delivered.
type coverage struct {
	windows []window // of proven digests, in order of start
	newest  time.Time
}

type window struct{ from, to time.Time }

// cover gathers the windows of standard digests. A file's name tells its delivery to the minute.
func (v *verifier) cover() {
	v.regions = map[[2]string]*coverage{}
	for _, d := range v.digests {
		if d.doc == nil || d.id.Backfill || d.moved == movedAway {
			continue
		}
		at := [2]string{d.id.Account, d.id.Region}
		c := v.regions[at]
		if c == nil {
			c = &coverage{}
			v.regions[at] = c
		}
		if d.doc.end.After(c.newest) {
			c.newest = d.doc.end
		}
		if d.trusted() {
			c.windows = append(c.windows, window{d.doc.start, d.doc.end})
		}
	}
	for _, c := range v.regions {
		slices.SortFunc(c.windows, func(a, b window) int { return a.from.Compare(b.from) })
	}
}

func (c *coverage) covers(t time.Time) bool {
	n, _ := slices.BinarySearchFunc(c.windows, t, func(w window, t time.Time) int { return w.from.Compare(t) })
	for i := n - 1; i >= 0 && i >= n-8; i-- { // several trails overlap
		if t.Before(c.windows[i].to) {
			return true
		}
	}
	return false
}

// readUnlisted judges the log files that no digest lists. Where log files are missing the unlisted ones are read, to
// find those that were moved.
func (v *verifier) readUnlisted(ctx context.Context) error {
	v.cover()
	listed := make([]bool, len(v.p.objects))
	lost := map[[sha256.Size]byte]string{}
	for _, l := range v.logs {
		if l.at >= 0 {
			listed[l.at] = true
		}
		if c := l.item.Class; c == LogMissing || c == LogUnknownDeleted {
			if trusted, first := l.trusted(); len(trusted) > 0 && first.known {
				lost[first.sum] = l.item.Key
			}
		}
	}
	var rest []*logFile
	for i := range v.p.objects {
		if o := &v.p.objects[i]; !listed[i] && o.kind != source.KindDigest && o.kind != source.KindUnknown && v.unlistedInRange(o) {
			rest = append(rest, &logFile{at: int32(i), key: o.file.Key}) //nolint:gosec // see place.index
		}
	}
	if len(lost) > 0 {
		err := v.each(ctx, "log files", len(rest), func(ctx context.Context, i int) int64 {
			rest[i].found = v.readLog(ctx, v.p.objects[rest[i].at].file)
			return rest[i].found.size
		})
		if err != nil {
			return err
		}
	}
	for _, l := range rest {
		l.item = Item{Key: v.p.display(l.key), File: l.key, Kind: "log"}
		l.item.Verdict, l.item.Class, l.item.Reason = v.judgeUnlisted(&v.p.objects[l.at])
		if l.found.size > 0 {
			l.item.Computed = hex.EncodeToString(l.found.sum[:])
			if of := lost[l.found.sum]; of != "" {
				l.item.Verdict, l.item.Class, l.item.Reason = Unverified, LogMoved, "no digest lists it under this name; its content is that of "+of+", which is missing"
			}
		}
		if v.opt.Events != nil {
			l.item.Events = v.opt.Events(l.key)
		}
	}
	v.logs = append(v.logs, rest...)
	return nil
}

func (v *verifier) unlistedInRange(o *object) bool {
	k, _ := source.ParseKey(o.file.Key)
	return v.wants(k.Account, k.Region) && v.wantsKind(k.Kind) && (k.Time.IsZero() || !k.Time.Before(v.opt.From) && !k.Time.After(v.opt.To))
}

func (v *verifier) judgeUnlisted(o *object) (Verdict, Class, string) {
	k, _ := source.ParseKey(o.file.Key)
	c := v.regions[[2]string{k.Account, k.Region}]
	switch {
	case k.Kind != source.KindCloudTrail:
		return Unverified, LogUnverified, "no digest lists it; whether digests cover " + k.Kind.String() + " is not documented"
	case c == nil:
		return Unverified, LogUnverified, "there are no digests of its account and Region"
	case k.Time.IsZero():
		return Unverified, LogUnverified, "no digest lists it, and its name tells no time"
	case !k.Time.Before(c.newest.Add(-5*time.Minute)) && v.opt.To.Sub(k.Time) <= late:
		return Info, LogPending, "it is newer than the newest digest, which comes within two hours"
	case !k.Time.Before(c.newest):
		return Unverified, LogUnverified, "it is newer than the newest digest, though its digest should have been there by " + stamp(k.Time.Add(late))
	case c.covers(k.Time):
		return Unverified, LogUnlisted, "it lies in a time that proven digests cover, and none lists it: it may be forged, or of a trail without digests"
	}
	return Unverified, LogUnverified, "the digest of its time is missing or not proven"
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
