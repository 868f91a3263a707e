package digest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"

	"github.com/trailsift/trailsift/source"
)

// reportFormat changes with what verifying means or how a report is written down: then nothing kept before counts.
const reportFormat = 2

// reportKey names the last report of a place in its cache. It is no key of a log file.
const reportKey = ".trailsift/report"

// A keptReport is what a cache held; nil for nothing.
type keptReport struct {
	report *Report
	state  string // what it depended on, hashed
}

// recall reads the last report while the place is listed. Nothing comes where it can't count.
func (v *verifier) recall(p source.Place) <-chan keptReport {
	out := make(chan keptReport, 1)
	if v.opt.Cache == nil || p.Remote || v.opt.Held || v.opt.Want != nil || v.opt.Ask != nil {
		close(out)
		return out
	}
	v.keeps = true
	go func() {
		defer close(out)
		if data, _, ok := v.opt.Cache.Object(reportFile()); ok {
			if r, state, err := decodeReport(data); err == nil {
				out <- keptReport{r, state}
			}
		}
	}()
	return out
}

// again gives the last report of a local place, where nothing changed since: the same files with the same size and time,
// the same keys, the same range. Nothing is read then but the listing. What was not readable is tried again each time.
func (v *verifier) again(last <-chan keptReport) (*Report, bool) {
	if !v.keeps {
		return nil, false
	}
	v.state = v.stateOf()
	k, ok := <-last
	if !ok || v.state == "" || k.state != v.state {
		return nil, false
	}
	r := k.report
	r.Again, r.Place = true, v.p.src.Place().Text
	if v.opt.Events != nil {
		for i := range r.Items {
			if it := &r.Items[i]; it.Kind == "log" {
				it.Events = v.opt.Events(it.File)
			}
		}
	}
	return r, true
}

// keep puts the report into the cache, for again.
func (v *verifier) keep() {
	if v.state == "" || len(v.report.Problems) > 0 {
		return
	}
	for i := range v.report.Items {
		if c := v.report.Items[i].Class; c == DigestUnreadable || c == LogUnreadable {
			return
		}
	}
	v.opt.Cache.PutObject(reportFile(), encodeReport(&v.report, v.state), nil)
}

func reportFile() source.File { return source.File{Key: reportKey, SizeBytes: -1, ETag: "last"} }

// stateOf is a hash of all that a report depends on; "" where that cannot be told.
func (v *verifier) stateOf() string {
	if len(v.p.problems) > 0 {
		return ""
	}
	s := stateHash{sha256.New(), nil}
	s.number(reportFormat, v.opt.From.UnixNano(), v.opt.To.UnixNano(), int64(len(v.opt.Kinds)))
	for _, k := range v.opt.Kinds {
		s.number(int64(k))
	}
	s.text(v.opt.Trail, v.opt.Home, v.p.bucket)
	keys := []string{}
	if v.opt.Keys != nil {
		for _, k := range v.opt.Keys.All() {
			keys = append(keys, k.Fingerprint+"\n"+k.bad+"\n"+string(k.DER)+"\n"+k.Origin.Text)
		}
	}
	slices.Sort(keys)
	s.text(keys...)
	for i := range v.p.objects {
		f := &v.p.objects[i].file
		if f.SizeBytes < 0 || f.ModTime.IsZero() && f.ETag == "" && !v.p.demo {
			return ""
		}
		s.text(f.Key, f.ETag)
		s.number(f.SizeBytes, f.ModTime.UnixNano())
	}
	s.flush()
	return hex.EncodeToString(s.Sum(nil))
}

// A stateHash hashes texts and numbers so that no two sequences give the same bytes.
type stateHash struct {
	hash.Hash
	buf []byte
}

func (s *stateHash) text(list ...string) {
	s.number(int64(len(list)))
	for _, t := range list {
		s.number(int64(len(t)))
		s.buf = append(s.buf, t...)
	}
}

func (s *stateHash) number(list ...int64) {
	for _, n := range list {
		s.buf = binary.BigEndian.AppendUint64(s.buf, uint64(n)) //nolint:gosec // only its bits matter
	}
	if len(s.buf) > 32<<10 {
		s.flush()
	}
}

func (s *stateHash) flush() {
	s.Write(s.buf)
	s.buf = s.buf[:0]
}
