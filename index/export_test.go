package index

// ForgetAnswers empties the cache of answers, so that a benchmark measures the work and not the cache.
func (x *Index) ForgetAnswers() { x.cache = newSetCache(cacheBytes) }
