package index

import (
	"context"
	"errors"
	"time"

	bolt "go.etcd.io/bbolt"
)

// promotePause is how long Promote waits between two tries; while it waits, readers of this process go on.
const promotePause = 100 * time.Millisecond

// tryOnce is a wait for the lock that gives up at once.
const tryOnce = time.Nanosecond

// Promote goes on with the write lock, the inverse of Downgrade: to bring in or to change verdicts after reading. Results
// and open loops over records stay valid. Where another process holds the file it tries for Options.Wait; the error is
// then a *LockedError, and the index is open for reading as before.
func (x *Index) Promote(ctx context.Context) error {
	x.ingest.Lock()
	defer x.ingest.Unlock()
	return x.promote(ctx)
}

// promote is Promote with x.ingest held.
func (x *Index) promote(ctx context.Context) error {
	wait := x.opt.Wait
	if wait <= 0 {
		wait = lockWait
	}
	end := time.Now().Add(wait)
	for {
		err := x.tryPromote()
		if !errors.Is(err, ErrLocked) || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(promotePause):
		}
	}
}

// tryPromote tries once. The lock for reading must be given up first: between the two another process may take the file,
// and then readers of this one wait for it.
func (x *Index) tryPromote() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.closed:
		return ErrClosed
	case x.db != nil && x.write:
		return nil
	}
	if err := errors.Join(x.remember(), x.release()); err != nil {
		return err
	}
	x.write = true
	err := x.open(tryOnce)
	if err != nil {
		x.write = false
		_ = x.open(tryOnce) // where even that fails, the next reader tries again
	}
	return err
}

// Downgrade goes on read-only, so that other processes may read; for after bringing in.
func (x *Index) Downgrade() error {
	x.ingest.Lock()
	defer x.ingest.Unlock()
	return x.downgrade()
}

// downgrade is Downgrade with x.ingest held.
func (x *Index) downgrade() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.closed:
		return ErrClosed
	case !x.write:
		return nil
	}
	err := errors.Join(x.remember(), x.release())
	x.write = false
	if err != nil {
		return err
	}
	if err := x.open(x.opt.Wait); !errors.Is(err, ErrLocked) {
		return err
	}
	return nil // another process was faster and writes: the next reader waits for it
}

// writing runs fn with the write lock on the file, taken for that time only where the index is open for reading. x.ingest
// is held.
func (x *Index) writing(ctx context.Context, fn func() error) error {
	x.mu.RLock()
	writable := x.write
	x.mu.RUnlock()
	if writable {
		return fn()
	}
	if err := x.promote(ctx); err != nil {
		return err
	}
	return errors.Join(fn(), x.downgrade())
}

// hold takes x.mu for reading, with the file open. Where it was lost to another process it is opened for reading again.
func (x *Index) hold() error {
	for {
		x.mu.RLock()
		if x.db != nil {
			return nil
		}
		x.mu.RUnlock()
		if err := x.regain(); err != nil {
			return err
		}
	}
}

func (x *Index) regain() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.closed:
		return ErrClosed
	case x.db != nil:
		return nil
	}
	x.write = false
	return x.open(x.opt.Wait)
}

// release gives the file up. x.mu is held for writing.
func (x *Index) release() error {
	if x.db == nil {
		return nil
	}
	if x.write {
		removeHolder(x.path)
	}
	err := x.db.Close()
	x.db = nil
	return err
}

// view runs fn inside one read transaction. fn must not call view again, nor wait for somebody who might, and should
// end soon: pages freed meanwhile cannot be used again.
func (x *Index) view(fn func(v *storeView) error) error {
	if err := x.hold(); err != nil {
		return err
	}
	defer x.mu.RUnlock()
	return x.db.View(func(tx *bolt.Tx) error {
		snap, err := x.loadSnapshot(tx)
		if err != nil {
			return err
		}
		return fn(&storeView{x: x, tx: tx, snap: snap})
	})
}

// update runs fn inside one write transaction.
func (x *Index) update(fn func(tx *bolt.Tx) error) error {
	if err := x.hold(); err != nil {
		return err
	}
	defer x.mu.RUnlock()
	if !x.write {
		return ErrReadOnly
	}
	return x.db.Update(fn)
}
