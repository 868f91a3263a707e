package index

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
