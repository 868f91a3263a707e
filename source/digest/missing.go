package digest

import (
	"cmp"
	"context"
	"path"
	"slices"
	"time"

	"github.com/trailsift/trailsift/source"
)

// A missingDigest is one that a digest links to and that is not there.
type missingDigest struct {
	key  string
	name source.Key
	by   *digestFile
	err  error // that it could not be looked for
	item Item
}

func keyTime(key string) time.Time {
	k, _ := source.ParseKey(key)
	return k.Time
}

// findMissing follows the links.
func (v *verifier) findMissing(ctx context.Context) error {
	v.layOutChains()
	seen := map[string]bool{}
	for _, d := range v.digests {
		if d.doc == nil || d.doc.link() == "" || !d.inRange || d.moved == movedAway {
			continue
		}
		at := v.p.resolve(d.key, d.doc, d.doc.previousBucket, d.doc.previous)
		k, _ := source.ParseKey(d.doc.previous)
		switch {
		case at.outside:
			v.note("the chain goes on in bucket " + d.doc.previousBucket + ", which was not looked into: " + d.doc.previous)
		case at.at >= 0 || seen[at.key] || !d.doc.start.After(v.opt.From):
		case v.older(d) && v.p.outsideDownload(path.Dir(at.key)):
			v.note("taken as outside of what was downloaded, not as deleted: " + at.key + " and what is older")
		default:
			seen[at.key] = true
			v.missing = append(v.missing, &missingDigest{key: at.key, name: k, by: d})
		}
	}
	err := v.each(ctx, "digests", len(v.missing), func(ctx context.Context, i int) int64 {
		m := v.missing[i]
		m.err = v.probe(ctx, m.key)
		return 0
	})
	v.missing = slices.DeleteFunc(v.missing, func(m *missingDigest) bool {
		if m.err != errElsewhere { //nolint:errorlint // it is never wrapped
			return false
		}
		v.note("the chain goes on outside of what was listed: " + m.key + " and what is older")
		return true
	})
	v.judgeMissing()
	return err
}

// older is true where nothing of the chain is older than a digest.
func (v *verifier) older(d *digestFile) bool {
	return !slices.ContainsFunc(v.digests, func(o *digestFile) bool {
		return o.id == d.id && o.name.Time.Before(d.name.Time)
	})
}

// probe looks for an object that was not listed: a listing leaves out what is empty, and what lies outside the folders
// it was limited to. nil means that it is not there.
func (v *verifier) probe(ctx context.Context, key string) error {
	if key != path.Clean(key) || path.IsAbs(key) || key == ".." || len(key) > 2 && key[:3] == "../" {
		return nil // no name that CloudTrail gives
	}
	c, _ := open(ctx, v.p.src, source.File{Key: key, SizeBytes: -1}, 0)
	switch {
	case c.err == nil && c.size == 0:
		return errEmpty
	case c.err == nil:
		return errElsewhere
	case notFound(c.err):
		return nil
	}
	return c.err
}

// What is found where a listing showed nothing: listings leave out what is empty, and what lies under another prefix.
var (
	errEmpty     = &source.Error{Reason: "it is empty"}
	errElsewhere = &source.Error{Reason: "it is there, but outside of what was listed"}
)

func (v *verifier) judgeMissing() {
	for _, m := range v.missing {
		m.item = Item{
			Key: v.p.display(m.key), File: m.key, Kind: "digest", Verdict: Invalid, Class: DigestMissing,
			Reason: "the digest after it links to it, and it is not there", Expected: m.by.doc.previousHash, said: "INVALID: not found",
		}
		if v.p.bucket == "" {
			m.item.home = m.by.doc.link()
		}
		switch {
		case m.err == errEmpty: //nolint:errorlint // it is never wrapped
			m.item.Class, m.item.Reason, m.item.said = DigestFormat, "it is empty", "INVALID: invalid format"
		case m.err != nil:
			m.item.Verdict, m.item.Class, m.item.Reason = Unverified, DigestUnreadable, "it could not be read: "+reasonOf(m.err)
			m.item.fatal = true
		case m.by.by == "":
			m.item.Reason += "; the digest after it is itself not proven"
		}
	}
}

// A run is one chain: its digests oldest first.
type run struct {
	id      ChainID
	digests []*digestFile
}

// layOutChains gathers the digests of each chain.
func (v *verifier) layOutChains() {
	slices.SortFunc(v.digests, func(a, b *digestFile) int {
		return cmp.Or(compareID(a.id, b.id), a.name.Time.Compare(b.name.Time), cmp.Compare(a.key, b.key))
	})
}

func compareID(a, b ChainID) int {
	backfill := func(id ChainID) int {
		if id.Backfill {
			return 1
		}
		return 0
	}
	return cmp.Or(
		cmp.Compare(a.Base, b.Base), cmp.Compare(a.Org, b.Org), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Trail, b.Trail), cmp.Compare(a.Home, b.Home), cmp.Compare(backfill(a), backfill(b)),
	)
}

// runs are the chains; the digests must be laid out.
func (v *verifier) runs() []run {
	var out []run
	for _, d := range v.digests {
		if len(out) == 0 || out[len(out)-1].id != d.id {
			out = append(out, run{id: d.id})
		}
		r := &out[len(out)-1]
		r.digests = append(r.digests, d)
	}
	return out
}

func (v *verifier) note(text string) {
	if !slices.Contains(v.report.Notes, text) {
		v.report.Notes = append(v.report.Notes, text)
	}
}
