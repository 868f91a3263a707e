package digest

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/trailsift/trailsift/source"
)

const (
	metaSignature = source.MetaPrefix + "signature"
	metaPath      = "metadata"
)

// A digestFile is one object that is, or is named like, a digest.
type digestFile struct {
	at   int32
	key  string
	name source.Key // by its key
	id   ChainID

	found     content
	doc       *document // nil where it could not be read or parsed
	format    string    // why not
	signature string    // in the metadata; "" for none
	generated time.Time // of a backfill digest, as its metadata tells; zero else
	inRange   bool

	// What was established.
	by         string // what proved it: metaPath, or the key of the digest that carried its signature; "" nothing
	key1       *Key   // that proved it
	metaWrong  bool   // the metadata's signature is another's
	disproved  bool   // a signature that must be right is not its own
	unproven   bool   // only digests that are not proven carry a signature, and it is not its own
	keys       []*Key // of its fingerprint
	contradict *digestFile
	agrees     bool // a proven successor recorded these bytes
	moved      movedKind
	replaced   bool // the digest it is a copy of is not there, so that it stands in for it
	item       Item
}

type movedKind uint8

const (
	inPlace movedKind = iota
	copied            // the whole tree was
	movedAway
)

// readDigests reads all digests that matter for the range.
func (v *verifier) readDigests(ctx context.Context) error {
	for i := range v.p.objects {
		o := &v.p.objects[i]
		if o.kind != source.KindDigest {
			continue
		}
		k, _ := source.ParseKey(o.file.Key)
		if !v.wants(k.Account, k.Region) {
			continue
		}
		if !k.Time.IsZero() && (!k.Time.After(v.opt.From) || k.Time.After(v.opt.To.Add(time.Hour+after))) {
			continue
		}
		d := &digestFile{at: int32(i), key: o.file.Key, name: k} //nolint:gosec // see place.index
		v.digests = append(v.digests, d)
		v.byAt[d.at] = d
	}
	err := v.each(ctx, "digests", len(v.digests), func(ctx context.Context, i int) int64 {
		v.digests[i].read(ctx, v)
		return v.digests[i].found.size
	})
	for _, d := range v.digests {
		d.inRange = v.digestInRange(d)
	}
	return err
}

func (v *verifier) digestInRange(d *digestFile) bool {
	if d.doc != nil && d.doc.start.Before(v.opt.From) && d.doc.start.Before(d.doc.end) {
		return false
	}
	if v.opt.Trail != "" && d.name.Trail != v.opt.Trail || v.opt.Home != "" && d.name.HomeRegion != v.opt.Home {
		return false
	}
	return !d.name.Time.After(v.opt.To.Add(time.Hour))
}

func (d *digestFile) read(ctx context.Context, v *verifier) {
	var meta map[string]string
	d.found, meta = v.readDigest(ctx, v.p.objects[d.at].file)
	d.signature = strings.TrimSpace(meta[metaSignature])
	if d.name.Backfill {
		d.generated, _ = time.Parse(time.RFC3339, meta[metaGenerated])
	}
	switch {
	case d.found.err != nil:
		return
	case d.found.tooLarge:
		d.format = "it is larger than any digest"
	default:
		doc, err := parseDocument(d.found.text)
		switch {
		case err == nil:
			d.doc = doc
		case d.found.damage != "":
			d.format = d.found.damage
		case d.found.plain:
			d.format = "it is neither gzip nor the JSON of a digest"
		default:
			d.format = err.Error()
		}
	}
	d.found.text = nil
}

// identify tells the chain, by the name of the object. Base is where its tree begins; a trail whose prefix or bucket
// changed keeps its chain.
func (v *verifier) identify() {
	bases := map[string]string{}
	for _, d := range v.digests {
		root, _, _ := cutTree(d.key)
		if d.doc == nil || d.moved == movedAway {
			continue
		}
		if d.moved == inPlace && v.p.bucket != "" {
			bases[root] = ""
		} else if base, ok := cutSuffix(d.key, d.doc.object); ok {
			base = strings.TrimSuffix(base, "/")
			if above, ok := cutSuffix(base, d.doc.bucket); ok {
				base = strings.TrimSuffix(above, "/")
			}
			bases[root] = base
		}
	}
	for _, d := range v.digests {
		k := d.name
		d.id = ChainID{Org: k.Org, Account: k.Account, Region: k.Region, Trail: k.Trail, Home: k.HomeRegion, Backfill: k.Backfill}
		root, _, _ := cutTree(d.key)
		base, known := bases[root]
		if !known {
			base = strings.TrimSuffix(root, "/")
		}
		d.id.Base = base
	}
}

// prove establishes which digests are authentic. Their order does not matter: each carries the signature of the one
// before it, and a signature proves itself.
func (v *verifier) prove(ctx context.Context) error {
	successors := map[string][]*digestFile{}
	for _, d := range v.digests {
		if d.doc != nil && d.doc.link() != "" {
			successors[d.doc.link()] = append(successors[d.doc.link()], d)
		}
	}
	err := v.each(ctx, "digests", len(v.digests), func(_ context.Context, i int) int64 {
		if d := v.digests[i]; d.doc != nil {
			d.keys = v.opt.Keys.find(d.doc.fingerprint, v.p.demo)
			d.proveOne(successors[d.doc.name()])
		}
		return 0
	})
	if err != nil {
		return err
	}
	for _, d := range v.digests {
		if d.doc != nil {
			d.compare(successors[d.doc.name()])
		}
	}
	v.findMoved()
	v.identify()
	v.judgeDigests()
	return nil
}

// proveOne tries every signature at hand: that of the metadata, then those its successors carry.
func (d *digestFile) proveOne(successors []*digestFile) {
	if d.doc.algorithm != signatureAlgorithm {
		return
	}
	text := d.doc.stringToSign(d.found.sum)
	try := func(signature, by string) bool {
		for _, k := range d.keys {
			if k.verify(text, signature) {
				d.by, d.key1 = by, k
				return true
			}
		}
		return false
	}
	if d.signature != "" {
		if try(d.signature, metaPath) {
			return
		}
		d.metaWrong = true
	}
	for _, s := range successors {
		if s.doc.previousSignature != nil && try(*s.doc.previousSignature, s.key) {
			return
		}
	}
}

// compare holds a digest against what the proven digests after it recorded.
func (d *digestFile) compare(successors []*digestFile) {
	var against *digestFile
	proven := false
	for _, s := range successors {
		if s.by == "" {
			d.unproven = d.unproven || s.doc.previousSignature != nil
			continue
		}
		proven = true
		if same, known := s.doc.recorded(d.found.sum); same {
			d.agrees = true
		} else if known {
			against = s
		}
	}
	if !d.agrees {
		d.contradict = against
	}
	// A successor that is not proven may itself be what was changed: its record disproves nothing.
	d.disproved = d.by == "" && usable(d.keys) && (d.metaWrong && !d.agrees || proven && !d.agrees)
}

func usable(keys []*Key) bool {
	return slices.ContainsFunc(keys, func(k *Key) bool { return k.bad == "" })
}

// trusted is true for a digest whose list of log files counts.
func (d *digestFile) trusted() bool {
	return d.by != "" && d.contradict == nil && (d.moved != movedAway || d.replaced)
}

// findMoved tells digests that lie under another name than theirs.
func (v *verifier) findMoved() {
	home := map[string]bool{} // chains with a digest in its place
	held := map[[sha256.Size]byte]bool{}
	for _, d := range v.digests {
		if d.doc == nil {
			continue
		}
		d.moved = v.p.placeOf(d)
		if d.moved == inPlace {
			home[v.treeOf(d)] = true
			held[d.found.sum] = true
		}
	}
	for _, d := range v.digests {
		if d.doc == nil {
			continue
		}
		if d.moved == copied && home[v.treeOf(d)] {
			d.moved = movedAway
		}
		d.replaced = d.moved == movedAway && d.by != "" && !held[d.found.sum]
	}
}

// treeOf names the tree that a digest lies in.
func (v *verifier) treeOf(d *digestFile) string {
	root, _, _ := cutTree(d.key)
	return root
}

// placeOf compares where a digest lies with where it says it was delivered. A folder tells neither bucket nor prefix.
func (p *place) placeOf(d *digestFile) movedKind {
	_, tail, whole := cutTree(d.key)
	_, named, _ := cutTree(d.doc.object)
	switch {
	case p.bucket != "" && d.key == d.doc.object && d.doc.bucket == p.bucket, p.demo && d.key == d.doc.object:
		return inPlace
	case p.bucket == "" && whole && tail == named:
		return inPlace
	case p.bucket == "" && !whole && strings.HasSuffix("/"+named, d.key[strings.LastIndexByte(d.key, '/')+1:]):
		return inPlace
	case p.bucket != "" && whole && tail == named:
		return copied
	}
	return movedAway
}
