package s3

import (
	"container/heap"
	"sync"
)

// undatedFirst folders whose path tells no time are listed before anything else: 1000 find the Regions of a large
// organisation within a second or two. Beyond that they take turns with days already found.
const undatedFirst = 1000

// A frontier holds the folders still to be listed and says which is next: the newest. A folder is not given while one
// under way may still hold newer ones, except for day folders, which are listed side by side.
type frontier struct {
	mu      sync.Mutex
	changed *sync.Cond
	undated []node
	dated   nodeHeap
	// underway are the folders being listed, day folders left out.
	underway map[string]node
	open     int // folders being listed, day folders too
	listed   int // folders without a time given so far
	turn     bool
	closed   bool
}

func (f *frontier) init() {
	f.changed = sync.NewCond(&f.mu)
	f.underway = map[string]node{}
}

func (f *frontier) add(nodes ...node) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, n := range nodes {
		if n.dated {
			heap.Push(&f.dated, n)
		} else {
			f.undated = append(f.undated, n)
		}
	}
	f.changed.Broadcast()
}

// next waits for the next folder; ok is false when all are listed or the frontier is closed. Each must be given to done.
func (f *frontier) next() (n node, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		switch {
		case f.closed:
			return node{}, false
		case f.takeUndated():
			n = f.undated[0]
			f.undated = f.undated[1:]
			f.listed++
		case len(f.dated) > 0 && !f.newerUnderway(f.dated[0]):
			n = heap.Pop(&f.dated).(node)
		case len(f.dated) == 0 && len(f.undated) == 0 && f.open == 0:
			return node{}, false
		default:
			f.changed.Wait()
			continue
		}
		f.turn = !f.turn
		f.open++
		if !n.leaf {
			f.underway[n.prefix] = n
		}
		return n, true
	}
}

func (f *frontier) takeUndated() bool {
	return len(f.undated) > 0 && (f.listed < undatedFirst || f.turn || len(f.dated) == 0)
}

// newerUnderway is true where a folder being listed may hold newer log files than n.
func (f *frontier) newerUnderway(n node) bool {
	for _, u := range f.underway {
		if !u.dated && f.listed < undatedFirst || u.dated && (u.to.After(n.to) || n.leaf && u.to.Equal(n.to)) {
			return true
		}
	}
	return false
}

func (f *frontier) done(n node) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open--
	delete(f.underway, n.prefix)
	f.changed.Broadcast()
}

func (f *frontier) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	f.changed.Broadcast()
}

// nodeHeap orders folders with a time: the newest first, digests after what they are about, then by path.
type nodeHeap []node

func (h nodeHeap) Len() int { return len(h) }

func (h nodeHeap) Less(i, j int) bool {
	a, b := h[i], h[j]
	switch {
	case !a.to.Equal(b.to):
		return a.to.After(b.to)
	case a.kind != b.kind:
		return a.kind < b.kind
	}
	return a.prefix < b.prefix
}

func (h nodeHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *nodeHeap) Push(x any)   { *h = append(*h, x.(node)) }

func (h *nodeHeap) Pop() any {
	n := len(*h) - 1
	x := (*h)[n]
	*h = (*h)[:n]
	return x
}
