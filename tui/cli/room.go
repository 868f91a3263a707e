package cli

import (
	"path/filepath"
	"sync"
	"time"

	"github.com/trailsift/trailsift/source/disk"
	"github.com/trailsift/trailsift/tui/text"
)

// A room watches the space that is free on the disk of a store.
type room struct {
	folder string
	least  int64
	free   func(folder string) (int64, bool)

	mu   sync.Mutex
	next time.Time // the disk is not asked before
	full error
}

// roomEvery is how often the disk is asked: at 200 MB a second --min-free is then passed by 100 MB at most.
const roomEvery = 500 * time.Millisecond

func (c *command) roomFor(path string) *room {
	free := c.env.Free
	if free == nil {
		free = disk.Free
	}
	return &room{folder: filepath.Dir(path), least: int64(c.flag.minFree), free: free}
}

// holds is an error where so many bytes more would leave less than --min-free.
func (r *room) holds(need int64) error {
	if free, ok := r.free(r.folder); ok && free < need+r.least {
		return placeFault("free some space and run it again, or allow less with --min-free",
			"%s: %s are needed on its disk and --min-free %s are to stay, %s are free; the store is as it was",
			r.folder, text.Bytes(need), text.Bytes(r.least), text.Bytes(free))
	}
	return nil
}

// check is an error where less than --min-free is left.
func (r *room) check() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if r.least == 0 || r.full != nil || now.Before(r.next) {
		return r.full
	}
	r.next = now.Add(roomEvery)
	if free, ok := r.free(r.folder); ok && free < r.least {
		r.full = placeFault("free some space and run it again, allow less with --min-free, or name a store on another disk with --index FILE",
			"%s: %s free on its disk, less than --min-free %s; stopped, what came in stays", r.folder, text.Bytes(free), text.Bytes(r.least))
	}
	return r.full
}
