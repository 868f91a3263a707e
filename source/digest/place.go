package digest

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/trailsift/trailsift/source"
)

// A place is what was listed: some 270 bytes an object.
type place struct {
	src      source.Source
	bucket   string // of a bucket; "" where the place does not tell it
	remote   bool
	demo     bool
	partial  bool // it may be a part of what was delivered: a download, or what a store holds
	objects  []object
	byKey    map[string]int32
	loose    map[string]int32 // by name alone: files that lie outside a tree AWSLogs/
	folders  map[string]bool  // that hold something, at any depth
	problems []Problem
}

// An object is one listed file.
type object struct {
	file source.File
	time time.Time // of delivery by its name, zero where that does not tell
	kind source.LogKind
}

const logsFolder = "AWSLogs/"

// list reads the listing of a place.
func list(ctx context.Context, src source.Source, progress func(n int)) (*place, error) {
	at := src.Place()
	p := &place{
		src: src, remote: at.Remote, demo: strings.HasPrefix(at.ID, "demo:"),
		loose: map[string]int32{}, folders: map[string]bool{},
	}
	if rest, ok := strings.CutPrefix(at.Text, "s3://"); ok {
		p.bucket, _, _ = strings.Cut(rest, "/")
	}
	for f, err := range src.List(ctx) {
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil && f.Key == "":
			return nil, err
		case errors.Is(err, source.ErrIgnored):
		case err != nil:
			p.problems = append(p.problems, Problem{Thing: f.Key, Reason: reasonOf(err), Hint: hintOf(err)})
		default:
			p.objects = append(p.objects, object{file: f})
			progress(len(p.objects))
		}
	}
	return p, ctx.Err()
}

// index makes what was listed findable. A key that was listed twice counts once.
func (p *place) index() {
	p.byKey = make(map[string]int32, len(p.objects))
	once := p.objects[:0]
	for _, o := range p.objects {
		f := o.file
		if _, twice := p.byKey[f.Key]; twice {
			continue
		}
		k, _ := source.ParseKey(f.Key)
		o.time, o.kind = k.Time, k.Kind
		n := int32(len(once)) //nolint:gosec // 2^31 objects do not fit memory
		once = append(once, o)
		p.byKey[f.Key] = n
		if _, _, ok := cutTree(f.Key); !ok {
			p.loose[path.Base(f.Key)] = n
		}
		for dir := path.Dir(f.Key); dir != "." && dir != "/" && !p.folders[dir]; dir = path.Dir(dir) {
			p.folders[dir] = true
		}
	}
	p.objects = once
}

// cutTree cuts a key where its tree begins: before the last AWSLogs/.
func cutTree(key string) (root, tail string, ok bool) {
	at := strings.LastIndex(key, logsFolder)
	if at < 0 || at > 0 && key[at-1] != '/' {
		return "", key, false
	}
	return key[:at], key[at:], true
}

// cutSuffix cuts a key off the end of a path, at a slash.
func cutSuffix(name, key string) (base string, ok bool) {
	base, ok = strings.CutSuffix(name, key)
	return base, ok && key != "" && (base == "" || strings.HasSuffix(base, "/"))
}

// A target is where a name that a digest gives is in the place.
type target struct {
	at      int32  // of the object, -1 where there is none
	key     string // where it is, or should be
	outside bool   // in another bucket
}

// resolve finds what a digest that lies at key, and says of itself that it was delivered as doc does, names.
func (p *place) resolve(key string, doc *document, bucket, name string) target {
	for _, at := range p.candidates(key, doc, bucket, name) {
		if n, ok := p.byKey[at]; ok {
			return target{at: n, key: at}
		}
	}
	if p.bucket == "" {
		if _, _, whole := cutTree(key); !whole {
			if n, ok := p.loose[path.Base(name)]; ok {
				return target{at: n, key: p.objects[n].file.Key}
			}
		}
	}
	c := p.candidates(key, doc, bucket, name)
	if len(c) == 0 {
		return target{at: -1, key: name, outside: true}
	}
	return target{at: -1, key: c[0]}
}

// candidates are the keys at which an object named by a digest may lie, the likeliest first: in place of the name as
// delivered, and mapped by the tree it begins in.
func (p *place) candidates(key string, doc *document, bucket, name string) []string {
	if p.bucket != "" && doc.bucket == p.bucket && bucket != p.bucket {
		return nil
	}
	var out []string
	if base, ok := cutSuffix(key, doc.object); ok {
		if bucket != doc.bucket {
			if above, ok := cutSuffix(strings.TrimSuffix(base, "/"), doc.bucket); ok {
				out = append(out, above+bucket+"/"+name)
			}
		}
		return append(out, base+name)
	}
	root, _, whole := cutTree(key)
	_, tail, named := cutTree(name)
	if whole && named {
		out = append(out, root+tail)
	}
	if !whole {
		out = append(out, path.Join(path.Dir(key), path.Base(name)))
	}
	return out
}

// display is how an object is named in a report.
func (p *place) display(key string) string {
	if p.bucket != "" {
		return p.bucket + "/" + key
	}
	return key
}

// outsideDownload is true where what is here does not reach: nothing lies in the folder.
func (p *place) outsideDownload(folder string) bool { return p.partial && !p.folders[folder] }

// regionFolder is the folder of a Region's log files in a key: …/CloudTrail/REGION.
func regionFolder(key string) string {
	dir := path.Dir(key)
	for range 3 { // YYYY/MM/DD
		dir = path.Dir(dir)
	}
	return dir
}

// notFound is true for an error that says that an object is not there.
func notFound(err error) bool {
	var api interface{ ErrorCode() string }
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "NoSuchKey", "NotFound", "MethodNotAllowed":
			return true
		}
	}
	return errors.Is(err, fs.ErrNotExist)
}

// reasonOf is an error in words, without the thing it names.
func reasonOf(err error) string {
	if e, ok := errors.AsType[*source.Error](err); ok {
		return e.Reason
	}
	return err.Error()
}

// hintOf is what an error says to do about it; mostly nothing.
func hintOf(err error) string {
	if e, ok := errors.AsType[*source.Error](err); ok {
		return e.Hint
	}
	return ""
}
