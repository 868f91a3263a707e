package s3

import (
	"cmp"
	"context"
	"iter"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/internal/newest"
)

const (
	// listers ask at the same time. At 20 ms an answer that is 800 listings a second.
	listers = 16
	// ahead are listings done or under way before their turn; each holds at most sorted pages of 1000 files: 30 MB.
	ahead = 32
	// sorted pages of one folder are put newest first; a folder with more comes in the order of its keys.
	sorted = 5
)

// List yields the log files, day by day, the newest day of all accounts and Regions first. Several folders are listed at
// the same time; the order is that of one after the other.
func (b *Bucket) List(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		if err := ctx.Err(); err != nil {
			yield(source.File{}, err)
			return
		}
		inner, cancel := context.WithCancel(ctx)
		l := &lister{bucket: b, ctx: inner, slots: make(chan struct{}, listers), turns: make(chan *turn, ahead)}
		l.frontier.init()
		defer func() {
			cancel()
			l.running.Wait()
		}()
		l.running.Go(l.dispatch)
		for t := range l.turns {
			for found := range t.found {
				if !found.give(yield) || found.end {
					return
				}
			}
		}
		if err := ctx.Err(); err != nil {
			yield(source.File{}, err)
		}
	}
}

// A lister lists the folders of the frontier, several at a time.
type lister struct {
	bucket   *Bucket
	ctx      context.Context
	frontier frontier
	slots    chan struct{} // taken while a folder is listed
	turns    chan *turn    // in the order the folders are yielded
	running  sync.WaitGroup
}

// A turn is the listing of one folder.
type turn struct {
	node  node
	found chan batch
}

// A batch is some files of one folder, or one error about a key.
type batch struct {
	files []source.File
	key   string
	err   error
	end   bool // the place itself could not be read
}

func (f batch) give(yield func(source.File, error) bool) bool {
	for _, file := range f.files {
		if !yield(file, nil) {
			return false
		}
	}
	return f.err == nil || yield(source.File{Key: f.key}, f.err)
}

// dispatch starts the listing of folders in the order of the frontier.
func (l *lister) dispatch() {
	defer close(l.turns)
	l.frontier.add(l.root())
	stop := context.AfterFunc(l.ctx, l.frontier.close)
	defer stop()
	for {
		n, ok := l.frontier.next()
		if !ok {
			return
		}
		t := &turn{node: n, found: make(chan batch, 1)}
		select {
		case l.slots <- struct{}{}:
		case <-l.ctx.Done():
			return
		}
		l.running.Go(func() {
			defer func() { <-l.slots }()
			l.list(t)
		})
		select {
		case l.turns <- t:
		case <-l.ctx.Done():
			return
		}
	}
}

func (l *lister) root() node {
	if l.bucket.prefix == "" {
		return node{}
	}
	n, _ := l.bucket.span.child(node{}, l.bucket.prefix+"/")
	if at, ok := levelOf(n.prefix); ok && at == levelRegion {
		n.kind = kindOf(lastName(strings.TrimSuffix(n.prefix, lastName(n.prefix)+"/")))
	}
	return n
}

// list lists one folder: its folders go to the frontier, its files to the turn.
func (l *lister) list(t *turn) {
	defer close(t.found)
	defer l.frontier.done(t.node)
	if days := l.directDays(t.node); days != nil {
		l.frontier.add(days...)
		return
	}
	if err := l.pages(t); err != nil && l.ctx.Err() == nil {
		root := t.node.prefix == "" || t.node.prefix == l.bucket.prefix+"/"
		f := batch{key: t.node.prefix, err: aws.Explain(err, l.bucket.text(t.node.prefix), "s3:ListBucket"), end: root}
		if root {
			f.key = ""
		}
		l.send(t, f)
	}
}

func (l *lister) directDays(n node) []node {
	at, ok := levelOf(n.prefix)
	if !ok || at != levelRegion {
		return nil
	}
	days := l.bucket.span.days()
	if days == nil {
		return nil
	}
	nodes := make([]node, 0, len(days))
	for _, d := range days {
		c, _ := l.bucket.span.child(n, dayFolder(n.prefix, d))
		nodes = append(nodes, c)
	}
	return nodes
}

func (l *lister) pages(t *turn) error {
	in := &s3.ListObjectsV2Input{
		Bucket: &l.bucket.bucket, Prefix: sdk.String(t.node.prefix), Delimiter: sdk.String("/"), EncodingType: types.EncodingTypeUrl,
	}
	var held []source.File
	empty := true
	for page := 1; ; page++ {
		out, err := l.bucket.client.ListObjectsV2(l.ctx, in)
		if err != nil {
			l.send(t, batch{files: newestFirst(held)})
			return err
		}
		empty = empty && len(out.Contents) == 0 && len(out.CommonPrefixes) == 0
		l.folders(t, out)
		held = append(held, l.files(out)...)
		if page >= sorted {
			l.send(t, batch{files: held})
			held = nil
		}
		in.ContinuationToken = out.NextContinuationToken
		if !sdk.ToBool(out.IsTruncated) || in.ContinuationToken == nil {
			break
		}
	}
	l.send(t, batch{files: newestFirst(held)})
	if empty && l.bucket.prefix != "" && t.node.prefix == l.bucket.prefix+"/" {
		return l.single(t)
	}
	return nil
}

// single lists the object whose key is the whole prefix: the place may name one log file.
func (l *lister) single(t *turn) error {
	out, err := l.bucket.client.ListObjectsV2(l.ctx, &s3.ListObjectsV2Input{
		Bucket: &l.bucket.bucket, Prefix: &l.bucket.prefix, MaxKeys: sdk.Int32(1), EncodingType: types.EncodingTypeUrl,
	})
	if err != nil {
		return err
	}
	for _, f := range l.files(out) {
		if f.Key == l.bucket.prefix {
			l.send(t, batch{files: []source.File{f}})
		}
	}
	return nil
}

func (l *lister) send(t *turn, f batch) {
	if len(f.files) == 0 && f.err == nil {
		return
	}
	select {
	case t.found <- f:
	case <-l.ctx.Done():
	}
}

func (l *lister) folders(t *turn, out *s3.ListObjectsV2Output) {
	var nodes []node
	for _, p := range out.CommonPrefixes {
		prefix := decodeKey(out, sdk.ToString(p.Prefix))
		switch c, wanted := l.bucket.span.child(t.node, prefix); {
		case otherService(prefix):
			l.send(t, batch{key: prefix, err: &source.Error{Thing: prefix, Reason: "logs of another service", Err: source.ErrIgnored}})
		case wanted:
			nodes = append(nodes, c)
		}
	}
	l.frontier.add(nodes...)
}

func (l *lister) files(out *s3.ListObjectsV2Output) []source.File {
	files := make([]source.File, 0, len(out.Contents))
	for _, o := range out.Contents {
		key := decodeKey(out, sdk.ToString(o.Key))
		size := sdk.ToInt64(o.Size)
		if size == 0 || key == "" || strings.HasSuffix(key, "/") || !l.wanted(key) {
			continue
		}
		f := source.File{Key: key, SizeBytes: size, ETag: strings.Trim(sdk.ToString(o.ETag), `"`)}
		if o.LastModified != nil {
			f.ModTime = o.LastModified.UTC()
		}
		files = append(files, f)
	}
	return files
}

// wanted is false for a log file whose name tells a delivery outside the time range.
func (l *lister) wanted(key string) bool {
	at, ok := newest.NameTime(lastName(key))
	return !ok || l.bucket.span.holds(at, at.Add(time.Second))
}

// decodeKey undoes the encoding asked for: XML cannot carry every key. A server may not know it.
func decodeKey(out *s3.ListObjectsV2Output, key string) string {
	if out.EncodingType != types.EncodingTypeUrl {
		return key
	}
	if plain, err := url.QueryUnescape(key); err == nil {
		return plain
	}
	return key
}

// newestFirst orders files by the time in their names, then by key, both descending.
func newestFirst(files []source.File) []source.File {
	type timed struct {
		at   int64
		file source.File
	}
	order := make([]timed, len(files))
	for i, f := range files {
		order[i].file = f
		if at, ok := newest.NameTime(lastName(f.Key)); ok {
			order[i].at = at.Unix()
		}
	}
	slices.SortFunc(order, func(a, b timed) int {
		return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(b.file.Key, a.file.Key))
	})
	for i := range order {
		files[i] = order[i].file
	}
	return files
}
