package index

import (
	"container/list"
	"slices"
	"sync"

	"github.com/trailsift/trailsift/index/query"
)

// cacheBytes bounds what the sets of earlier searches take: at 10 M events about 18 whole answers.
const cacheBytes = 24 << 20

// recentQueries is how many earlier queries may narrow a new one.
const recentQueries = 16

// A setKey names the answer of one segment to one query. Segments never change and an overlay has a version, so an entry
// never goes stale: it is only no longer asked for.
type setKey struct {
	segment uint32
	overlay uint64
	text    string // the query as printed, with the limits in time
}

type setEntry struct {
	key setKey
	set *docSet
}

// A setCache keeps the answers of segments, the least recently used one going first. Safe for concurrent use. Running a
// query again after more came in then costs the new segments only.
type setCache struct {
	mu      sync.Mutex
	entries map[setKey]*list.Element
	order   *list.List // of *setEntry, most recently used first
	bytes   int
	limit   int
	recent  []recentQuery // newest last
}

// A recentQuery is a query that was answered whole, for queries that grow out of it.
type recentQuery struct {
	node query.Node
	text string
}

func newSetCache(limit int) *setCache {
	return &setCache{entries: map[setKey]*list.Element{}, order: list.New(), limit: limit}
}

func (c *setCache) get(k setKey) (*docSet, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	el, ok := c.entries[k]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(el)
	return el.Value.(*setEntry).set, true
}

func (c *setCache) put(k setKey, s *docSet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.entries[k]; ok {
		return
	}
	c.entries[k] = c.order.PushFront(&setEntry{key: k, set: s})
	c.bytes += s.sizeBytes() + len(k.text)
	for c.bytes > c.limit {
		last := c.order.Back()
		e := last.Value.(*setEntry)
		c.order.Remove(last)
		delete(c.entries, e.key)
		c.bytes -= e.set.sizeBytes() + len(e.key.text)
	}
}

// remember notes a query that was answered whole.
func (c *setCache) remember(n query.Node, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recent = slices.DeleteFunc(c.recent, func(r recentQuery) bool { return r.text == text })
	if len(c.recent) == recentQueries {
		c.recent = slices.Delete(c.recent, 0, 1)
	}
	c.recent = append(c.recent, recentQuery{node: n, text: text})
}

// wider gives the texts of remembered queries that match whatever n matches, newest first: n need only look where they
// matched.
func (c *setCache) wider(n query.Node) []string {
	c.mu.Lock()
	recent := slices.Clone(c.recent)
	c.mu.Unlock()
	var texts []string
	for _, r := range slices.Backward(recent) {
		if _, all := r.node.(query.All); !all && implies(n, r.node) {
			texts = append(texts, r.text)
		}
	}
	return texts
}
