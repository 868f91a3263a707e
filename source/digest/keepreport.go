package digest

import (
	"encoding/binary"
	"errors"
	"time"
)

// errReport says that the bytes are no report.
var errReport = errors.New("digest: not a report")

// encodeReport writes a report and the state it depends on down: numbers as varints, each text once and then by its
// number, since keys, reasons and origins repeat.
func encodeReport(r *Report, state string) []byte {
	w := reportWriter{numbers: map[string]int{}}
	w.text(state)
	w.time(r.From)
	w.time(r.To)
	w.int(len(r.Keys))
	for _, k := range r.Keys {
		w.text(k.Fingerprint, k.Origin, k.Region)
	}
	w.int(len(r.Ranges))
	for _, g := range r.Ranges {
		w.text(string(g.Class), g.Account, g.Region, g.Trail, g.Reason)
		w.time(g.From)
		w.time(g.To)
	}
	w.int(len(r.Items))
	for i := range r.Items {
		it := &r.Items[i]
		w.text(it.Key, it.Kind, string(it.Verdict), string(it.Class), it.Reason, it.Expected, it.Computed, it.KeySource, it.File, it.said, it.home)
		w.time(it.Oldest)
		w.time(it.Newest)
		w.bool(it.fatal)
	}
	w.int(len(r.Chains))
	for _, c := range r.Chains {
		w.text(c.ID.Base, c.ID.Org, c.ID.Account, c.ID.Region, c.ID.Trail, c.ID.Home)
		w.bool(c.ID.Backfill)
		w.int(len(c.Digests))
		for _, l := range c.Digests {
			w.link(&l)
		}
	}
	w.int(len(r.Notes))
	w.text(r.Notes...)
	return w.buf
}

// A reportWriter appends.
type reportWriter struct {
	buf     []byte
	numbers map[string]int
}

func (w *reportWriter) int(n int) { w.buf = binary.AppendVarint(w.buf, int64(n)) }

func (w *reportWriter) bool(b bool) {
	n := 0
	if b {
		n = 1
	}
	w.int(n)
}

func (w *reportWriter) time(t time.Time) {
	if w.bool(t.IsZero()); !t.IsZero() {
		w.buf = binary.AppendVarint(w.buf, t.Unix())
		w.int(t.Nanosecond())
	}
}

func (w *reportWriter) text(list ...string) {
	for _, s := range list {
		n, known := w.numbers[s]
		if known {
			w.int(n)
			continue
		}
		n = len(w.numbers)
		w.numbers[s] = n
		w.int(n)
		w.int(len(s))
		w.buf = append(w.buf, s...)
	}
}

func (w *reportWriter) link(l *Link) {
	w.int(l.Item)
	w.time(l.Start)
	w.time(l.End)
	w.bool(l.Starting)
	w.text(l.Fingerprint)
	w.int(len(l.Logs))
	w.bool(l.Logs == nil)
	for _, n := range l.Logs {
		w.int(n)
	}
}

// decodeReport reads what encodeReport wrote.
func decodeReport(data []byte) (r *Report, state string, err error) {
	d := reportReader{buf: string(data)}
	d.texts(&state)
	r = &Report{Problems: []Problem{}, noKeys: map[string]string{}}
	r.From, r.To = d.time(), d.time()
	r.Keys = make([]KeyUse, d.count(3))
	for i := range r.Keys {
		d.texts(&r.Keys[i].Fingerprint, &r.Keys[i].Origin, &r.Keys[i].Region)
	}
	r.Ranges = make([]Range, d.count(7))
	for i := range r.Ranges {
		g := &r.Ranges[i]
		d.texts((*string)(&g.Class), &g.Account, &g.Region, &g.Trail, &g.Reason)
		g.From, g.To = d.time(), d.time()
	}
	r.Items = make([]Item, d.count(14))
	for i := range r.Items {
		it := &r.Items[i]
		d.texts(&it.Key, &it.Kind, (*string)(&it.Verdict), (*string)(&it.Class), &it.Reason, &it.Expected, &it.Computed, &it.KeySource,
			&it.File, &it.said, &it.home)
		it.Oldest, it.Newest, it.fatal = d.time(), d.time(), d.int() == 1
	}
	if n := d.count(8); n > 0 {
		r.Chains = make([]Chain, n)
	}
	for i := range r.Chains {
		c := &r.Chains[i]
		d.texts(&c.ID.Base, &c.ID.Org, &c.ID.Account, &c.ID.Region, &c.ID.Trail, &c.ID.Home)
		c.ID.Backfill = d.int() == 1
		c.Digests = make([]Link, d.count(6))
		for j := range c.Digests {
			c.Digests[j] = d.link(len(r.Items))
		}
	}
	r.Notes = make([]string, d.count(1))
	for i := range r.Notes {
		d.texts(&r.Notes[i])
	}
	if d.bad || d.buf != "" {
		return nil, "", errReport
	}
	r.count()
	return r, state, nil
}

// A reportReader takes from the front; bad once something did not fit.
type reportReader struct {
	buf   string
	table []string
	bad   bool
}

func (d *reportReader) fail() int {
	d.bad, d.buf = true, ""
	return 0
}

func (d *reportReader) int() int {
	// binary.Varint over a string
	var n uint64
	for i := 0; i < len(d.buf) && i < binary.MaxVarintLen64; i++ {
		b := d.buf[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			d.buf = d.buf[i+1:]
			return int(n>>1) ^ -int(n&1) //nolint:gosec // zigzag
		}
	}
	return d.fail()
}

// count is a length: never more than there are bytes left for things of at least that many bytes.
func (d *reportReader) count(least int) int {
	n := d.int()
	if n < 0 || n > len(d.buf)/least {
		return d.fail()
	}
	return n
}

func (d *reportReader) time() time.Time {
	if d.int() == 1 || d.bad {
		return time.Time{}
	}
	return time.Unix(int64(d.int()), int64(d.int())).UTC()
}

func (d *reportReader) texts(list ...*string) {
	for _, s := range list {
		n := d.int()
		switch {
		case n >= 0 && n < len(d.table):
		case n == len(d.table) && !d.bad:
			length := d.count(1)
			d.table = append(d.table, d.buf[:length])
			d.buf = d.buf[length:]
		default:
			d.fail()
			return
		}
		*s = d.table[n]
	}
}

func (d *reportReader) link(items int) Link {
	l := Link{Item: d.int(), Start: d.time(), End: d.time(), Starting: d.int() == 1}
	d.texts(&l.Fingerprint)
	n := d.count(1)
	if none := d.int() == 1; !none {
		l.Logs = make([]int, n)
	}
	for i := range l.Logs {
		if l.Logs[i] = d.int(); l.Logs[i] < 0 || l.Logs[i] >= items {
			d.fail()
		}
	}
	if l.Item < 0 || l.Item >= items {
		d.fail()
	}
	return l
}
