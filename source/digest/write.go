package digest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/trailsift/trailsift/source"
)

func (v *verifier) keyOf(l *logFile) source.Key {
	k, _ := source.ParseKey(l.key)
	return k
}

// write makes the report.
func (v *verifier) write() {
	r := &v.report
	r.Place, r.From, r.To = v.p.src.Place().Text, v.opt.From, v.opt.To
	r.Problems = append(append([]Problem{}, v.p.problems...), r.Problems...)
	r.noKeys = v.noKeys
	runs := v.runs()
	r.Ranges = v.ranges(runs)
	if r.Ranges == nil {
		r.Ranges = []Range{}
	}
	v.items()
	at := make(map[string]int, len(r.Items))
	for i := range r.Items {
		at[r.Items[i].Kind+r.Items[i].File] = i
	}
	for _, run := range runs {
		if c := v.chain(run, at); len(c.Digests) > 0 {
			r.Chains = append(r.Chains, c)
		}
	}
	r.count()
	v.keyUses()
	v.needs()
	if r.Notes == nil {
		r.Notes = []string{}
	}
}

func (v *verifier) items() {
	r := &v.report
	r.Items = []Item{}
	for _, d := range v.digests {
		if d.inRange {
			r.Items = append(r.Items, d.item)
		}
	}
	for _, m := range v.missing {
		r.Items = append(r.Items, m.item)
	}
	for _, l := range v.logs {
		if !l.skip {
			r.Items = append(r.Items, l.item)
		}
	}
	slices.SortFunc(r.Items, func(a, b Item) int { return cmp.Compare(a.Key, b.Key) })
}

// chain lays one chain out for reading: newest first.
func (v *verifier) chain(run run, at map[string]int) Chain {
	c := Chain{ID: run.id}
	for _, d := range slices.Backward(run.digests) {
		if !d.inRange {
			continue
		}
		l := Link{Item: at["digest"+d.key], End: d.name.Time}
		if d.doc != nil {
			l.Start, l.End, l.Starting, l.Fingerprint = d.doc.start, d.doc.end, d.doc.link() == "", d.doc.fingerprint
			if d.trusted() {
				l.Logs = v.linkLogs(d, at)
			}
		}
		c.Digests = append(c.Digests, l)
		for _, m := range v.missing {
			if m.by == d {
				c.Digests = append(c.Digests, Link{Item: at["digest"+m.key], End: m.name.Time})
			}
		}
	}
	return c
}

func (v *verifier) linkLogs(d *digestFile, at map[string]int) []int {
	logs := make([]int, 0, len(d.doc.logs))
	for i := range d.doc.logs {
		e := &d.doc.logs[i]
		t := v.p.resolve(d.key, d.doc, e.bucket, e.object)
		key := t.key
		if t.outside {
			key = e.bucket + "/" + e.object
		}
		if n, ok := at["log"+key]; ok {
			logs = append(logs, n)
		}
	}
	return logs
}

func (v *verifier) keyUses() {
	r := &v.report
	r.Keys = []KeyUse{}
	seen := map[*Key]bool{}
	for _, d := range v.digests {
		for _, k := range d.keys {
			if !seen[k] {
				seen[k] = true
				r.Keys = append(r.Keys, KeyUse{Fingerprint: k.Fingerprint, Origin: k.Origin.Text, Region: k.Origin.Region})
			}
		}
	}
	slices.SortFunc(r.Keys, func(a, b KeyUse) int {
		return cmp.Or(cmp.Compare(a.Fingerprint, b.Fingerprint), cmp.Compare(a.Origin, b.Origin))
	})
}

// needs says what would be needed to establish more, last of all notes.
func (v *verifier) needs() {
	count := map[Class]int{}
	for i := range v.report.Items {
		count[v.report.Items[i].Class]++
	}
	regions := map[string]bool{}
	for _, d := range v.digests {
		if d.item.Class == DigestKeyUnknown {
			regions[d.id.Region] = true
		}
	}
	if v.report.Digests == (Counts{}) {
		v.note("no digests found: without them nothing can be proven")
	}
	if n := count[LogUnlisted] + count[LogMoved]; n > 0 {
		v.note(some(n, "log file is", "log files are") + " in no digest: only who knows all trails that deliver here can tell whether they are forged")
	}
	for _, g := range v.report.Ranges {
		if g.Class == RangeTailMissing {
			v.note(fmt.Sprintf("whether digests are missing after %s can be told by when the trail was stopped (event:StopLogging, trailsift trails); pass that time as --to", stamp(g.From)))
		}
	}
	if n := count[DigestKeyBad]; n > 0 {
		v.note(some(n, "digest names", "digests name") + " public keys that are unusable as given: save them anew with aws cloudtrail list-public-keys")
	}
	if n := count[DigestKeyUnknown]; n > 0 {
		list := strings.Join(slices.Sorted(maps.Keys(regions)), ", ")
		v.note(fmt.Sprintf("%s public keys that were not given: save them with aws cloudtrail list-public-keys --region (%s) and the time of the digests, and pass --public-keys", some(n, "digest names", "digests name"), list))
	}
	if n := count[DigestSignatureAbsent]; n > 0 {
		v.note(some(n, "digest has", "digests have") + " no signature here: it is in the S3 metadata (aws s3api head-object, kept as KEY" + source.SidecarSuffix + "), or in the next digest")
	}
	if n := count[DigestUnreadable] + count[LogUnreadable]; n > 0 {
		v.note(some(n, "file", "files") + " could not be read: nothing is said about what is in there")
	}
}

// some is a count with the words that fit it.
func some(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
