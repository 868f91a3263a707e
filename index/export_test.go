package index

import "context"

// ForgetAnswers empties the cache of answers, so that a benchmark measures the work and not the cache.
func (x *Index) ForgetAnswers() { x.cache = newSetCache(cacheBytes) }

// ForgetTerms empties the tables of terms, as in a process that has just begun.
func (x *Index) ForgetTerms() { x.tables = newTermTables() }

// LoseFile gives the file up as where another process takes it between the two locks of Promote.
func (x *Index) LoseFile() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.release()
}

// SegmentIDs are the segments that are named now, in the order of the manifest.
func (x *Index) SegmentIDs() (ids []uint32, docs []int) {
	for _, m := range x.snap.Load().segments {
		ids, docs = append(ids, m.id), append(docs, m.docs)
	}
	return ids, docs
}

// MergeSegments puts segments together, whatever their size; it says how many were.
func (x *Index) MergeSegments(ctx context.Context, ids []uint32) (int, error) {
	m, err := x.merge(ctx, ids)
	if err != nil || m.meta.id == 0 {
		return 0, err
	}
	return len(m.sources), x.publishMerge(m)
}
