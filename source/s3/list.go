package s3

import (
	"cmp"
	"context"
	"iter"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/trailsift/trailsift/source"
)

const (
	// listers ask at the same time. At 20 ms an answer that is 800 listings a second.
	listers = 16
	// ahead are listings done or under way before their turn; each holds at most sorted pages of 1000 files: 30 MB.
	ahead = 32
	// sorted pages of one folder are put newest first; a folder with more comes in the order of its keys.
	sorted = 5
	// outsideFolders of a bucket that are not in the layout of CloudTrail are looked into where only part of the bucket
	// is wanted: a prefix of a few parts is found, an inventory or a data lake beside the logs is not walked.
	outsideFolders = 1000
)

// List yields the log files, day by day, the newest day of all accounts and Regions first. Several folders are listed at
// the same time; the order is that of one after the other. The first List after a [Bucket.Survey] gives what that found.
func (b *Bucket) List(ctx context.Context) iter.Seq2[source.File, error] {
	if kept := b.kept.Swap(nil); kept != nil {
		return kept.list(ctx, &b.limits)
	}
	return b.list(ctx, &tally{})
}

// A tally counts what a listing took and found beside log files.
type tally struct {
	lists    atomic.Int64 // requests, retries left out
	archived atomic.Int64 // log files in a storage class that must be restored before reading
}

func (b *Bucket) list(ctx context.Context, count *tally) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		if err := ctx.Err(); err != nil {
			yield(source.File{}, err)
			return
		}
		inner, cancel := context.WithCancel(ctx)
		l := &lister{bucket: b, count: count, ctx: inner, slots: make(chan struct{}, listers), turns: make(chan *turn, ahead)}
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
	count    *tally
	ctx      context.Context
	frontier frontier
	outside  atomic.Int64  // folders outside the layout listed or to be
	slots    chan struct{} // taken while a folder is listed
	turns    chan *turn    // in the order the folders are yielded
	running  sync.WaitGroup
}

// A turn is the listing of one folder.
type turn struct {
	node  node
	found chan batch
}

// A batch is some files of one folder and things in it that are none.
type batch struct {
	files  []source.File
	faults []fault
	end    bool // the place itself could not be read
}

// A fault is a key that is no log file, or could not be listed.
type fault struct {
	key string
	err error
}

func (f batch) give(yield func(source.File, error) bool) bool {
	for _, file := range f.files {
		if !yield(file, nil) {
			return false
		}
	}
	for _, bad := range f.faults {
		if !yield(source.File{Key: bad.key}, bad.err) {
			return false
		}
	}
	return true
}

// ignored is a thing that is recognisably no log file.
func ignored(key, kind string) fault {
	return fault{key, &source.Error{Thing: key, Reason: kind, Err: source.ErrIgnored}}
}

// dispatch starts the listing of folders in the order of the frontier.
func (l *lister) dispatch() {
	defer close(l.turns)
	root, v := l.root()
	if v == unwanted {
		return
	}
	l.frontier.add(root)
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

// root is where to begin. A place within another service's folder is listed as asked for.
func (l *lister) root() (node, verdict) {
	if l.bucket.prefix == "" {
		return node{outside: true}, wanted
	}
	return l.bucket.limits.folder(l.bucket.prefix + "/")
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
		key := t.node.prefix
		if root {
			key = ""
		}
		err = l.bucket.explain(err, t.node.prefix, "s3:ListBucket")
		l.send(t, batch{faults: []fault{{key, err}}, end: root})
	}
}

func (l *lister) directDays(n node) []node {
	if at := folderOf(n.prefix); at.level != levelRegion || at.kind == source.KindUnknown {
		return nil
	}
	days := l.bucket.limits.days()
	if days == nil {
		return nil
	}
	nodes := make([]node, 0, len(days))
	for _, d := range days {
		c, _ := l.bucket.limits.folder(dayFolder(n.prefix, d))
		nodes = append(nodes, c)
	}
	return nodes
}

// page asks for one page.
func (l *lister) page(in *s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error) {
	l.count.lists.Add(1)
	return ask(l.bucket, func(c *s3.Client) (*s3.ListObjectsV2Output, error) { return c.ListObjectsV2(l.ctx, in) })
}

func (l *lister) pages(t *turn) error {
	in := l.bucket.listInput(t.node.prefix)
	in.Delimiter = sdk.String("/")
	var held []source.File
	empty, anyLog := true, false
	for page := 1; ; page++ {
		out, err := l.page(in)
		if err != nil {
			l.send(t, batch{files: newestFirst(held)})
			return err
		}
		empty = empty && len(out.Contents) == 0 && len(out.CommonPrefixes) == 0
		l.folders(t, out)
		files, faults := l.files(out)
		anyLog = anyLog || slices.ContainsFunc(files, isLog)
		held = append(held, files...)
		l.send(t, batch{faults: faults})
		if page >= sorted {
			l.send(t, batch{files: held})
			held = nil
		}
		in.ContinuationToken = out.NextContinuationToken
		if !sdk.ToBool(out.IsTruncated) || in.ContinuationToken == nil {
			break
		}
		if page >= sorted && t.node.outside && !anyLog && l.bucket.limits.given() {
			l.leave(t)
			break
		}
	}
	l.send(t, batch{files: newestFirst(held)})
	if empty && l.bucket.prefix != "" && t.node.prefix == l.bucket.prefix+"/" {
		return l.single(t)
	}
	return nil
}

func isLog(f source.File) bool {
	_, ok := source.ParseKey(f.Key)
	return ok
}

// leave gives up a folder of many things that are no log files, but looks where a trail would have begun in it.
func (l *lister) leave(t *turn) {
	logs := t.node.prefix + logsFolder + "/"
	if n, v := l.bucket.limits.folder(logs); v == wanted {
		l.frontier.add(n)
	}
	l.send(t, batch{faults: []fault{ignored(t.node.prefix, "folder of other objects, not listed to its end")}})
}

// single lists the object whose key is the whole prefix: the place may name one log file.
func (l *lister) single(t *turn) error {
	in := l.bucket.listInput(l.bucket.prefix)
	in.MaxKeys = sdk.Int32(1)
	out, err := l.page(in)
	if err != nil {
		return err
	}
	files, _ := l.files(out)
	for _, f := range files {
		if f.Key == l.bucket.prefix {
			l.send(t, batch{files: []source.File{f}})
		}
	}
	return nil
}

func (l *lister) send(t *turn, f batch) {
	if len(f.files) == 0 && len(f.faults) == 0 {
		return
	}
	select {
	case t.found <- f:
	case <-l.ctx.Done():
	}
}

// folders hands what a page found of folders to the frontier.
func (l *lister) folders(t *turn, out *s3.ListObjectsV2Output) {
	var nodes []node
	var faults []fault
	for _, p := range out.CommonPrefixes {
		prefix := decodeKey(out, sdk.ToString(p.Prefix))
		switch c, v := l.bucket.limits.folder(prefix); {
		case v == foreign:
			faults = append(faults, ignored(prefix, serviceName(folderOf(prefix).service)))
		case v == unwanted:
		case l.tooMany(c):
			faults = append(faults, ignored(prefix, "folder outside AWSLogs/, not looked into (name its prefix to do so)"))
		default:
			nodes = append(nodes, c)
		}
	}
	l.frontier.add(nodes...)
	l.send(t, batch{faults: faults})
}

// tooMany is true for a folder outside the layout where enough of them were looked into.
func (l *lister) tooMany(n node) bool {
	return n.outside && lastName(n.prefix) != logsFolder && !strings.HasPrefix(lastName(n.prefix), "o-") &&
		l.bucket.limits.given() && l.outside.Add(1) > outsideFolders
}

func (l *lister) files(out *s3.ListObjectsV2Output) (files []source.File, faults []fault) {
	files = make([]source.File, 0, len(out.Contents))
	for i := range out.Contents {
		o := &out.Contents[i]
		key := decodeKey(out, sdk.ToString(o.Key))
		size := sdk.ToInt64(o.Size)
		if size == 0 || key == "" || strings.HasSuffix(key, "/") || !l.bucket.limits.wantsKey(key) {
			continue
		}
		if kind := foreignObject(key); kind != "" {
			faults = append(faults, ignored(key, kind))
			continue
		}
		if o.StorageClass == types.ObjectStorageClassGlacier || o.StorageClass == types.ObjectStorageClassDeepArchive {
			l.count.archived.Add(1)
		}
		f := source.File{Key: key, SizeBytes: size, ETag: strings.Trim(sdk.ToString(o.ETag), `"`)}
		if o.LastModified != nil {
			f.ModTime = o.LastModified.UTC()
		}
		files = append(files, f)
	}
	return files, faults
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
		if at, ok := nameTime(f.Key); ok {
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
