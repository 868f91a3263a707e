package source

import "bytes"

// A Restorer gives records back from the bytes of their spans. It is not safe for concurrent use.
type Restorer struct {
	dec     Decoder
	form    Form
	text    []byte
	ok      bool
	records [][]byte // of FormInside: all of the value
	next    int      // the one behind that found last: they are mostly asked for in order
}

// Load takes the bytes of a span; span must stay as it is until the next Load.
func (r *Restorer) Load(span []byte, form Form) {
	r.form, r.records, r.next = form, r.records[:0], 0
	switch form {
	case FormPlain:
		r.text, r.ok = span, true
	case FormString:
		r.text, r.ok = Unescape(r.text[:0:0], span)
	case FormInside:
		r.dec.impl.value = true
		for e := range r.dec.Events(bytes.NewReader(span)) {
			r.records = append(r.records, bytes.Clone(e.Raw))
		}
	}
}

// Record is the record that is the one, nil where none of the loaded span is. It is valid until the next Load.
func (r *Restorer) Record(is func(record []byte) bool) []byte {
	if r.form != FormInside {
		if r.ok && is(r.text) {
			return r.text
		}
		return nil
	}
	for range r.records {
		record := r.records[r.next%len(r.records)]
		r.next++
		if is(record) {
			return record
		}
	}
	return nil
}
