// Package demo is a place made up from a seed: two weeks of a small organization's CloudTrail, with one intrusion
// hidden in it. Nothing is kept; a log file is written when it is opened, and the same seed gives the same events on
// every machine.
//
// The traffic has the shape of real archives (sizes, order of keys, delivery delays, disorder within a file, repeated
// deliveries, errors, who calls how often): see the tests for the bands. The intrusion does not depend on the seed;
// [Truth] tells all of it. One account's trail is signed in two Regions with a key that is published in this package
// and worth nothing.
package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailsift/trailsift/source"
)

// What zero Options mean.
const (
	DefaultSeed   = 1
	DefaultEvents = 200_000
)

// generation goes up when the generator changes what it writes: files held from before are then read again.
const generation = "1"

// Options say which archive is made.
type Options struct {
	Seed   uint64 // 0: DefaultSeed
	Events int    // distinct events in what is listed; 0: DefaultEvents; raised to what the intrusion needs, some 1,000
}

// A Demo is the made-up place. It is safe for concurrent use.
type Demo struct {
	seed       uint64
	events     int
	accounts   []account
	principals [][]principal
	operations []operation
	tasks      [2][numClasses]picker // operations by class: in us-east-1, elsewhere
	classes    [2]picker             // classes by day and by night
	cast       [][len(regions)][numClasses]cast
	faults     picker
	gateways   [][]string
	bracketed  map[string]string // user agents as S3 writes them

	serviceIdentity, internalIdentity, endpoint template

	story *story
	files []file // in order of delivery; after logs of them the digests
	logs  int
	pens  sync.Pool
	byKey func() map[string]int

	signer func() *signer
	mu     sync.Mutex
	prints map[int]fingerprint // of the log files that a digest lists, once they were written
}

var _ source.Source = (*Demo)(nil)

// A cast is the principals of one class that act in a Region of an account.
type cast struct {
	members []int
	picker  picker
}

// New plans the archive; it takes some milliseconds and 2 MB.
func New(opt Options) *Demo {
	d := &Demo{seed: opt.Seed, events: opt.Events}
	if d.seed == 0 {
		d.seed = DefaultSeed
	}
	if d.events <= 0 {
		d.events = DefaultEvents
	}
	d.people()
	d.layOut()
	d.prints = map[int]fingerprint{}
	d.signer = sync.OnceValue(newSigner)
	d.byKey = sync.OnceValue(func() map[string]int {
		keys := make(map[string]int, len(d.files))
		for i := range d.files {
			keys[d.key(&d.files[i])] = i
		}
		return keys
	})
	d.pens.New = func() any { return &pen{d: d} }
	return d
}

// people fills the company with those who act and what they do.
func (d *Demo) people() {
	d.accounts = companyAccounts()
	d.operations, d.tasks = operations()
	for i := range shares {
		d.classes[i] = newPicker(shares[i][:])
	}
	d.faults = newPicker(faultShares[:])
	d.serviceIdentity = compile(`{"type":"AWSService","invokedBy":"<by>"}`)
	d.internalIdentity = compile(`{"accountId":"<acct>","invokedBy":"<by>"}`)
	d.endpoint = compile(`<vpce>`)
	d.bracketed = map[string]string{}
	d.cast = make([][len(regions)][numClasses]cast, len(d.accounts))
	for i := range d.accounts {
		all := principals(&d.accounts[i])
		d.principals = append(d.principals, all)
		d.gateways = append(d.gateways, gatewayIPs(i))
		for _, p := range all {
			for _, agent := range p.agents {
				d.bracketed[agent] = "[" + agent + "]"
			}
		}
		for r := range regions {
			for cl := range numClasses {
				d.cast[i][r][cl] = gather(all, cl, r)
			}
		}
	}
}

func gather(all []principal, cl class, region int) cast {
	var c cast
	var weights []int
	for i := range all {
		if all[i].class == cl && (all[i].region < 0 || all[i].region == region) {
			c.members = append(c.members, i)
			weights = append(weights, all[i].weight)
		}
	}
	c.picker = newPicker(weights)
	return c
}

// layOut plans the log files: the intrusion's first, the rest of the events around them.
func (d *Demo) layOut() {
	d.story = newStory()
	told := d.story.files(d.seed)
	fixed := 0
	for _, f := range told {
		if f.fate != fateDeleted {
			fixed += f.events + len(d.story.of(&f))
		}
	}
	d.events = max(d.events, fixed)
	files := plan(d.seed, d.events-fixed, d.story.quiet)
	files = append(files, told...)
	files = repeat(d.seed, files, d.events/200, d.story.quiet)
	inOrder(files)
	d.logs = len(files)
	for region := range chainOffsets {
		files = newChain(&d.accounts[prod], region).list(files)
	}
	d.files = files
}

// mulDiv is a*b/c without overflow.
func mulDiv(a, b, c int) int {
	if c == 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	q, _ := bits.Div64(hi, lo, uint64(c))
	return int(q)
}

// Place is "demo:SEED/EVENTS".
func (d *Demo) Place() source.Place {
	return source.Place{Text: "demo", ID: fmt.Sprintf("demo:%d/%d", d.seed, d.events)}
}

// List yields the log files newest first, then the digests: by then what they list was usually written once.
func (d *Demo) List(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		for _, i := range d.newestFirst() {
			f := &d.files[i]
			if err := ctx.Err(); err != nil {
				yield(source.File{}, err)
				return
			}
			if !yield(d.listed(f), nil) {
				return
			}
		}
	}
}

// newestFirst gives the places of the files that are still there, digests last.
func (d *Demo) newestFirst() []int {
	order := make([]int, 0, len(d.files))
	for i := range slices.Backward(d.files[:d.logs]) {
		if d.files[i].fate != fateDeleted {
			order = append(order, i)
		}
	}
	for i := len(d.files) - 1; i >= d.logs; i-- {
		order = append(order, i)
	}
	return order
}

func (d *Demo) listed(f *file) source.File {
	return source.File{
		Key: d.key(f), SizeBytes: -1, ETag: generation, ModTime: time.Unix(f.mark+int64(f.unique%40), 0).UTC(),
	}
}

// Open writes one log file: some milliseconds for a usual one.
func (d *Demo) Open(ctx context.Context, f source.File) (*source.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	i, ok := d.byKey()[f.Key]
	if !ok || d.files[i].fate == fateDeleted {
		return nil, &source.Error{Thing: f.Key, Reason: "no such log file in the demo", Err: fs.ErrNotExist}
	}
	p := d.pens.Get().(*pen)
	defer d.pens.Put(p)
	var out bytes.Buffer
	meta, err := p.stored(ctx, &out, i)
	if err != nil {
		return nil, err
	}
	return &source.Object{Body: &body{ctx: ctx, Reader: bytes.NewReader(out.Bytes())}, Meta: meta}, nil
}

// A body ends early when the context does.
type body struct {
	*bytes.Reader
	ctx context.Context
}

func (b *body) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.Reader.Read(p)
}

// Close does nothing: there is nothing to let go of.
func (b *body) Close() error { return nil }

// stored writes file number i as it lies in the bucket today and gives its S3 metadata.
func (p *pen) stored(ctx context.Context, w io.Writer, i int) (meta map[string]string, err error) {
	d, f := p.d, &p.d.files[i]
	if f.kind == source.KindDigest {
		var signature string
		if p.text, signature, err = d.digest(ctx, p.text[:0], f.chain, f.link, p); err != nil {
			return nil, err
		}
		meta = map[string]string{
			source.MetaPrefix + "signature": signature, source.MetaPrefix + "signature-algorithm": signatureAlgorithm,
		}
	} else {
		p.text = d.content(p.text[:0], f, p)
		if f.account == prod && f.kind == source.KindCloudTrail && f.region < len(chainOffsets) {
			d.note(i, p)
		}
		p.text = d.story.afterwards(p.text, f)
	}
	if p.zip == nil {
		p.zip = gzip.NewWriter(w)
	} else {
		p.zip.Reset(w)
	}
	if _, err := p.zip.Write(p.text); err != nil {
		return nil, err
	}
	return meta, p.zip.Close()
}

// FromPlace is the demo that a place names. Whoever reads several log files of it keeps it: making one takes some ms.
func FromPlace(place source.Place) (*Demo, error) {
	seedText, eventsText, ok := strings.Cut(strings.TrimPrefix(place.ID, "demo:"), "/")
	seed, err := strconv.ParseUint(seedText, 10, 64)
	if !ok || err != nil {
		return nil, &source.Error{Thing: place.ID, Reason: "not a demo"}
	}
	events, err := strconv.Atoi(eventsText)
	if err != nil {
		return nil, &source.Error{Thing: place.ID, Reason: "not a demo"}
	}
	return New(Options{Seed: seed, Events: events}), nil
}

// Reopen opens a log file of a demo again by the place's ID.
func Reopen(ctx context.Context, place source.Place, key string) (io.ReadCloser, error) {
	d, err := FromPlace(place)
	if err != nil {
		return nil, err
	}
	o, err := d.Open(ctx, source.File{Key: key})
	if err != nil {
		return nil, err
	}
	return o.Body, nil
}
