package disk

import (
	"container/heap"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/trailsift/trailsift/source"
)

// A walk visits a tree best first: of all entries of the folders opened so far, the one that may hold the newest log
// file by its name is next. A folder YYYY/MM/DD is therefore opened when its day comes, Region beside Region, and a tree
// of years gives its newest files after opening a few folders. Folders whose path tells no time may hold anything: they
// are opened first, up to a limit, so that a tree without times streams as well.
type walk struct {
	root  *Folder
	yield func(source.File, error) bool
	ctx   context.Context
	queue folderQueue
	// opened and held count folders without a time that were opened, and entries in memory.
	opened, held int
	seq          int
	// followed holds the real paths links led to outside the root; nil until there is one.
	followed map[string]bool
	stopped  bool // the caller wants no more
}

func newWalk(d *Folder, yield func(source.File, error) bool) *walk {
	return &walk{root: d, yield: yield}
}

func (w *walk) run(ctx context.Context) {
	w.ctx = ctx
	root := &folder{path: w.root.root, at: atFirst}
	if err := root.read(w.root.limits); err != nil && len(root.entries) == 0 {
		w.yield(source.File{}, explain(w.root.text, err))
		return
	} else if err != nil {
		w.fail("", err)
	}
	w.push(root)
	for len(w.queue.folders) > 0 && !w.stopped {
		if err := ctx.Err(); err != nil {
			w.yield(source.File{}, err)
			return
		}
		w.step()
	}
}

// step visits the next entry of all.
func (w *walk) step() {
	f := w.queue.folders[0]
	e, ok := f.next()
	if !ok {
		heap.Pop(&w.queue)
		if f.more {
			w.refill(f)
		}
		return
	}
	w.held--
	heap.Fix(&w.queue, 0)
	w.visit(f, e)
}

func (w *walk) refill(f *folder) {
	if err := f.read(w.root.limits); err != nil {
		w.fail(strings.TrimSuffix(f.key, "/"), err)
	}
	w.push(f)
}

func (w *walk) push(f *folder) {
	if len(f.entries) == 0 && !f.more {
		return
	}
	w.seq++
	f.seq = w.seq
	w.held += len(f.entries)
	heap.Push(&w.queue, f)
	if !w.queue.patient && (w.opened > w.root.limits.undated || w.held > w.root.limits.names) {
		w.queue.patient = true
		heap.Init(&w.queue)
	}
}

func (w *walk) visit(f *folder, e entry) {
	path := filepath.Join(f.path, e.name)
	target := ""
	if f.target != "" {
		target = filepath.Join(f.target, e.name)
		if w.followed[target] {
			return // a link leads here, and was followed
		}
	}
	key := f.key + filepath.ToSlash(e.name)
	switch e.kind {
	case kindFile:
		w.visitFile(key, path)
	case kindFolder:
		w.visitFolder(key, path, target, e)
	case kindLink:
		w.visitLink(key, path, e)
	case kindSpecial:
		w.visitSpecial(key, path)
	}
}

func (w *walk) visitFile(key, path string) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		w.fail(key, err)
	case !info.Mode().IsRegular():
		w.ignore(key, kindOf(info.Mode()))
	case info.Size() > 0 && !isSidecar(path):
		w.give(fileOf(key, info), nil)
	}
}

// isSidecar is true for the metadata of another file. One without its file is offered as any other.
func isSidecar(path string) bool {
	of, ok := strings.CutSuffix(path, source.SidecarSuffix)
	if !ok {
		return false
	}
	_, err := os.Lstat(of)
	return err == nil
}

func (w *walk) visitFolder(key, path, target string, e entry) {
	if strings.HasPrefix(e.name, ".") {
		w.ignore(key, "hidden folder, not looked into")
		return
	}
	f := &folder{key: key + "/", path: path, target: target, at: e.at}
	if e.at == atFirst {
		w.opened++
	}
	if err := f.read(w.root.limits); err != nil {
		w.fail(key, err)
	}
	w.push(f)
}

// visitLink follows a link unless what it leads to is listed anyway, or was.
func (w *walk) visitLink(key, path string, e entry) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		w.failLink(key, err)
		return
	}
	info, err := os.Stat(target)
	switch {
	case err != nil:
		w.fail(key, err)
		return
	case w.listedAnyway(target, info.IsDir()):
		return
	case info.IsDir() && within(w.root.root, target):
		w.ignore(key, "link to a folder above, not followed")
		return
	}
	switch {
	case info.IsDir():
		w.follow(target)
		w.visitFolder(key, path, target, entry{name: e.name, at: e.at, kind: kindFolder})
	case !info.Mode().IsRegular():
		w.ignore(key, "link to "+kindOf(info.Mode()))
	case info.Size() > 0:
		w.follow(target)
		w.give(fileOf(key, info), nil)
	}
}

func (w *walk) visitSpecial(key, path string) {
	info, err := os.Lstat(path)
	if err != nil {
		w.fail(key, err)
		return
	}
	w.ignore(key, kindOf(info.Mode()))
}

func (w *walk) follow(target string) {
	if w.followed == nil {
		w.followed = map[string]bool{}
	}
	w.followed[target] = true
}

// listedAnyway is true for a real path that lies in the root or in what a link has led to before.
func (w *walk) listedAnyway(target string, isDir bool) bool {
	if rel, err := filepath.Rel(w.root.root, target); err == nil && filepath.IsLocal(rel) {
		if !isDir {
			rel = filepath.Dir(rel)
		}
		if !hidden(rel) {
			return true
		}
	}
	for p := target; !w.followed[p]; p = filepath.Dir(p) {
		if p == filepath.Dir(p) {
			return false
		}
	}
	return true
}

// within is true where path is dir or lies in it; both are absolute with links resolved.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// hidden is true where a folder of a path below the root is not looked into.
func hidden(rel string) bool {
	for name := range strings.SplitSeq(rel, string(filepath.Separator)) {
		if strings.HasPrefix(name, ".") && name != "." {
			return true
		}
	}
	return false
}

func (w *walk) give(f source.File, err error) {
	if !w.stopped && !w.yield(f, err) {
		w.stopped = true
	}
}

func (w *walk) fail(key string, err error) {
	if key == "" {
		key = w.root.text
	}
	w.give(source.File{Key: key}, explain(key, err))
}

func (w *walk) failLink(key string, err error) {
	e := &source.Error{Thing: key, Reason: "link that leads nowhere", Err: err}
	if !errors.Is(err, fs.ErrNotExist) {
		e.Reason = "link that cannot be followed"
	}
	w.give(source.File{Key: key}, e)
}

func (w *walk) ignore(key, reason string) {
	w.give(source.File{Key: key}, &source.Error{Thing: key, Reason: reason, Err: source.ErrIgnored})
}

// A folderQueue is a heap of opened folders, by their first entry.
type folderQueue struct {
	folders []*folder
	// patient: folders without a time come last from now on, the one opened last first, so that few are open at once.
	patient bool
}

func (q *folderQueue) at(f *folder) int64 {
	at := f.last.at
	if len(f.entries) > 0 {
		at = f.entries[0].at
	}
	if at == atFirst && q.patient {
		return atLast
	}
	return at
}

func (q *folderQueue) Len() int { return len(q.folders) }

func (q *folderQueue) Less(i, j int) bool {
	a, b := q.folders[i], q.folders[j]
	if x, y := q.at(a), q.at(b); x != y {
		return x > y
	}
	return a.seq > b.seq
}

func (q *folderQueue) Swap(i, j int) { q.folders[i], q.folders[j] = q.folders[j], q.folders[i] }

func (q *folderQueue) Push(x any) { q.folders = append(q.folders, x.(*folder)) }

func (q *folderQueue) Pop() any {
	n := len(q.folders) - 1
	f := q.folders[n]
	q.folders[n] = nil
	q.folders = q.folders[:n]
	return f
}
