package tui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/trailsift/trailsift/index"
)

// A problemRef is one line of the problems: n files of the same class where they are told together, else one.
type problemRef struct {
	place int32
	kind  problemKind
	rank  uint8
	at    int32 // in Files, Ranges, Problems or Notes of the place; the first of n
	n     int32
}

type problemKind uint8

const (
	aFile problemKind = iota
	aRange
	aListing // something could not be listed
	aNote
)

// The order of the lines: what is wrong, what hides something, what is odd, what is open, what is normal.
const (
	rankInvalid uint8 = iota
	rankListing
	rankWarn
	rankUnverified
	rankInfo
	rankNote
	rankValid
)

func fileRank(verdict string) uint8 {
	switch verdict {
	case verdictInvalid:
		return rankInvalid
	case verdictWarn:
		return rankWarn
	case verdictInfo:
		return rankInfo
	case verdictValid:
		return rankValid
	}
	return rankUnverified
}

func rangeRank(class string) uint8 {
	switch class {
	case "range.hole", "range.unverifiable":
		return rankInvalid
	case "range.tail-missing":
		return rankUnverified
	}
	return rankInfo
}

// A problemAsk says which lines are wanted.
type problemAsk struct {
	ask  int // number of the newest request
	all  bool
	find string
	sort problemSort
}

type problemSort uint8

const (
	bySeverity problemSort = iota
	byTime
	byKey
)

// alikeFrom is from how many files of one open class on they are told in one line.
const alikeFrom = 4

// list gives the lines asked for. Files of one class that is no accusation, such as all log files where there are no
// digests, are told together unless all files are asked for.
func (r *report) list(ask problemAsk) []problemRef {
	var out []problemRef
	for i := range r.places {
		out = r.listPlace(out, int32(i), ask)
	}
	type timed struct {
		problemRef
		at time.Time
		no int
	}
	list := make([]timed, len(out)) // a time is read from a name, so once a line and not once a comparison
	for i, ref := range out {
		_, to := r.span(ref)
		list[i] = timed{ref, to, i}
	}
	slices.SortFunc(list, func(a, b timed) int {
		var c int
		switch {
		case ask.sort == byKey:
			c = cmp.Compare(r.nameOf(a.problemRef), r.nameOf(b.problemRef))
		case ask.sort == bySeverity && a.rank != b.rank:
			c = cmp.Compare(a.rank, b.rank)
		default:
			c = b.at.Compare(a.at)
		}
		if c == 0 {
			c = cmp.Compare(a.no, b.no)
		}
		return c
	})
	for i := range list {
		out[i] = list[i].problemRef
	}
	return out
}

func (r *report) listPlace(out []problemRef, place int32, ask problemAsk) []problemRef {
	p := &r.places[place]
	add := func(ref problemRef) {
		if ask.find == "" || strings.Contains(strings.ToLower(r.searched(ref)), strings.ToLower(ask.find)) {
			out = append(out, ref)
		}
	}
	first := map[string]int32{} // of a class told together
	alike := map[string]int32{}
	if !ask.all {
		for i := range p.Files {
			f := &p.Files[i]
			if rank := fileRank(f.Verdict); rank == rankUnverified || rank == rankInfo {
				if alike[f.Class]++; alike[f.Class] == 1 {
					first[f.Class] = int32(i)
				}
			}
		}
	}
	for i := range p.Files {
		f := &p.Files[i]
		rank := fileRank(f.Verdict)
		n := int32(1)
		if alike[f.Class] >= alikeFrom {
			n = alike[f.Class]
		}
		if rank == rankValid && !ask.all || n > 1 && first[f.Class] != int32(i) {
			continue
		}
		add(problemRef{place, aFile, rank, int32(i), n})
	}
	for i := range p.Ranges {
		add(problemRef{place, aRange, rangeRank(p.Ranges[i].Class), int32(i), 1})
	}
	for i := range p.Problems {
		add(problemRef{place, aListing, rankListing, int32(i), 1})
	}
	for i := range p.Notes {
		add(problemRef{place, aNote, rankNote, int32(i), 1})
	}
	return out
}

// file is the file of a line, nil where it is about none.
func (r *report) file(ref problemRef) *index.FileVerdict {
	if ref.kind != aFile {
		return nil
	}
	return &r.places[ref.place].Files[ref.at]
}

// stretch is the range of a line, nil where it is about none.
func (r *report) stretch(ref problemRef) *index.RangeVerdict {
	if ref.kind != aRange {
		return nil
	}
	return &r.places[ref.place].Ranges[ref.at]
}

// class is the class of a line, "" of a note.
func (r *report) class(ref problemRef) string {
	switch ref.kind {
	case aFile:
		return r.file(ref).Class
	case aRange:
		return r.stretch(ref).Class
	default:
		return ""
	}
}

// word is what a line is about.
func (r *report) word(ref problemRef) string {
	switch ref.kind {
	case aListing:
		return "not listed"
	case aNote:
		return ""
	default:
		return meaningOf(r.class(ref)).word
	}
}

// verdict is the first word of a line.
func (r *report) verdict(ref problemRef) string {
	switch ref.kind {
	case aFile:
		return r.file(ref).Verdict
	case aListing:
		return verdictUnverified
	case aNote:
		return "note"
	default:
		return "range"
	}
}

// nameOf is what a line names: a key, a stretch of time, a text. From outside: escape before showing.
func (r *report) nameOf(ref problemRef) string {
	p := &r.places[ref.place]
	switch ref.kind {
	case aFile:
		return r.file(ref).Key
	case aRange:
		g := r.stretch(ref)
		return strings.Join(nonEmpty(g.Account, g.Region, g.Trail), " ")
	case aListing:
		return p.Problems[ref.at].File + ": " + p.Problems[ref.at].Reason
	default:
		return p.Notes[ref.at]
	}
}

// reason is what the verification said about a line.
func (r *report) reason(ref problemRef) string {
	p := &r.places[ref.place]
	switch ref.kind {
	case aFile:
		return r.file(ref).Reason
	case aRange:
		return r.stretch(ref).Reason
	case aListing:
		return p.Problems[ref.at].Reason
	default:
		return p.Notes[ref.at]
	}
}

func (r *report) searched(ref problemRef) string {
	return strings.Join([]string{r.verdict(ref), r.class(ref), r.word(ref), r.nameOf(ref), r.reason(ref)}, " ")
}

// deliveredWithin is how long before the time in its name a log file's events are: CloudTrail collects five minutes and
// delivers within fifteen on average.
const deliveredWithin = 15 * time.Minute

// span is the time a line is about, half-open; zero where nothing tells.
func (r *report) span(ref problemRef) (from, to time.Time) {
	if g := r.stretch(ref); g != nil {
		return g.From, g.To
	}
	f := r.file(ref)
	if f == nil || ref.n > 1 {
		return time.Time{}, time.Time{}
	}
	if !f.Newest.IsZero() {
		return f.Oldest, f.Newest.Add(time.Second)
	}
	at, ok := nameTime(f.Key)
	switch {
	case !ok:
		return time.Time{}, time.Time{}
	case f.Digest:
		return at.Add(-time.Hour), at
	}
	return at.Add(-deliveredWithin), at.Add(time.Minute)
}

// nameTime is the time in the name of a log file (…_20261107T1305Z_…) or of a digest (…_20261107T130512Z.json.gz).
func nameTime(key string) (time.Time, bool) {
	name := key[strings.LastIndexByte(key, '/')+1:]
	for part := range strings.SplitSeq(name, "_") {
		part, _, _ = strings.Cut(part, ".")
		layout := ""
		switch len(part) { // most parts are no times, and a failed reading costs more than a good one
		case len("20060102T1504Z"):
			layout = "20060102T1504Z"
		case len("20060102T150405Z"):
			layout = "20060102T150405Z"
		}
		if layout == "" || part[8] != 'T' {
			continue
		}
		if t, err := time.Parse(layout, part); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func nonEmpty(parts ...string) []string {
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" })
}
