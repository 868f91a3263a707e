package query

import (
	"bytes"
	"sync"

	"github.com/trailsift/trailsift/source"
)

// A reader asks about the texts of one record after the other; it holds buffers that are reused.
type reader struct {
	walker source.Walker
	last   []lastStep // the path of the value before
	keys   []byte     // the keys of last
}

// A lastStep is a step of the path of the value before: keys[from:to], or an element.
type lastStep struct{ from, to, index int }

var readers = sync.Pool{New: func() any { return new(reader) }}

// anyValue asks about each value of a record until one will do; null is none. A record that is not JSON has the values
// before the damage.
func anyValue(raw []byte, ok func(path []source.Step, text []byte) bool) bool {
	r := readers.Get().(*reader)
	defer readers.Put(r)
	found := false
	_ = r.walker.Walk(raw, func(path []source.Step, v source.Scalar) bool {
		found = v.Kind < source.Null && ok(path, v.Text)
		return !found
	})
	return found
}

// anyText asks about each key and each value of a record until one will do; a key above several values only once.
func anyText(raw []byte, ok func([]byte) bool) bool {
	r := readers.Get().(*reader)
	defer readers.Put(r)
	r.last = r.last[:0]
	found := false
	_ = r.walker.Walk(raw, func(path []source.Step, v source.Scalar) bool {
		found = r.anyNewKey(path, ok) || v.Kind < source.Null && ok(v.Text)
		return !found
	})
	return found
}

// anyNewKey asks about the keys of a path from the first step on that is not as in the path before.
func (r *reader) anyNewKey(path []source.Step, ok func([]byte) bool) bool {
	same := 0
	for same < len(path) && same < len(r.last) {
		at, last := path[same], r.last[same]
		if at.Index != last.index || !bytes.Equal(at.Key, r.keys[last.from:last.to]) {
			break
		}
		same++
	}
	end := 0
	if same > 0 {
		end = r.last[same-1].to
	}
	r.last, r.keys = r.last[:same], r.keys[:end]
	for _, at := range path[same:] {
		if at.Index < 0 && ok(at.Key) {
			return true
		}
		from := len(r.keys)
		r.keys = append(r.keys, at.Key...)
		r.last = append(r.last, lastStep{from, len(r.keys), at.Index})
	}
	return false
}
