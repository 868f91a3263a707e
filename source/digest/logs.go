package digest

import (
	"context"
	"encoding/hex"
	"strings"

	"github.com/trailsift/trailsift/source"
)

// A logFile is one object that a digest lists: some 200 bytes, and 16 for each listing.
type logFile struct {
	at      int32 // -1: not there
	key     string
	outside bool
	claims  []claim
	found   content
	absent  bool
	item    Item
	skip    bool // only digests outside the range list it
}

// A claim is what one digest says of a log file.
type claim struct {
	*entry
	by *digestFile
}

// readLogs reads every log file that a digest lists.
func (v *verifier) readLogs(ctx context.Context) error {
	v.gatherClaims()
	return v.each(ctx, "log files", len(v.logs), func(ctx context.Context, i int) int64 {
		l := v.logs[i]
		if l.skip || l.outside {
			return 0
		}
		if l.at >= 0 {
			l.found = v.readLog(ctx, v.p.objects[l.at].file)
			l.absent = notFound(l.found.err)
			return l.found.size
		}
		if strings.HasPrefix(l.key, "../") || strings.HasPrefix(l.key, "/") || strings.Contains(l.key, "/../") || l.key == "" {
			l.absent = true // no name that CloudTrail gives
			return 0
		}
		l.found, _ = open(ctx, v.p.src, source.File{Key: l.key, SizeBytes: -1}, 0)
		l.absent = notFound(l.found.err)
		return l.found.size
	})
}

// gatherClaims finds what the digests list.
func (v *verifier) gatherClaims() {
	index := map[string]*logFile{}
	for _, d := range v.digests {
		if d.doc == nil || d.moved == movedAway && !d.replaced {
			continue
		}
		for i := range d.doc.logs {
			e := &d.doc.logs[i]
			if k, _ := source.ParseKey(e.object); !v.wantsKind(k.Kind) {
				continue
			}
			at := v.p.resolve(d.key, d.doc, e.bucket, e.object)
			id := at.key
			if at.outside {
				id = e.bucket + "/" + e.object
			}
			l := index[id]
			if l == nil {
				l = &logFile{at: at.at, key: at.key, outside: at.outside, skip: true}
				if at.outside {
					l.key = id
				}
				index[id] = l
				v.logs = append(v.logs, l)
			}
			l.skip = l.skip && !d.inRange
			l.claims = append(l.claims, claim{e, d})
		}
	}
}

// judgeLogs gives each listed log file its verdict.
func (v *verifier) judgeLogs() {
	for _, l := range v.logs {
		if l.skip {
			continue
		}
		l.item = Item{Key: v.p.display(l.key), File: l.key, Kind: "log"}
		if l.outside {
			l.item.Key = l.key
		}
		read := !l.outside && !l.absent && l.found.err == nil
		if read {
			l.item.Computed = hex.EncodeToString(l.found.sum[:])
		}
		trusted, first := l.trusted()
		l.item.Expected = expected(first)
		if len(trusted) == 0 {
			l.item.Verdict = Unverified
			l.item.Class, l.item.Reason = l.judgeUnproven(read)
		} else {
			l.item.Verdict, l.item.Class, l.item.Reason = v.judgeLog(l, trusted)
			l.item.Oldest, l.item.Newest = first.oldest, first.newest
			if k := trusted[0].by.key1; k != nil {
				l.item.KeySource = k.Origin.Text
			}
		}
		l.item.said, l.item.fatal = l.oracle()
		if v.p.bucket == "" {
			l.item.home = first.bucket + "/" + first.object
		}
		if v.opt.Events != nil {
			l.item.Events = v.opt.Events(l.key)
		}
	}
}

// trusted are the claims of proven digests, and the first claim of all.
func (l *logFile) trusted() (trusted []claim, first claim) {
	for _, c := range l.claims {
		if c.by.trusted() {
			trusted = append(trusted, c)
		}
	}
	if len(trusted) > 0 {
		return trusted, trusted[0]
	}
	return nil, l.claims[0]
}

func expected(c claim) string {
	if !c.known {
		return ""
	}
	return hex.EncodeToString(c.sum[:])
}

// judgeUnproven is about log files that only unproven digests list: no claim, but what is seen is said.
func (l *logFile) judgeUnproven(read bool) (Class, string) {
	c := l.claims[0]
	why := "the digest that lists it is not proven (" + string(c.by.item.Class) + ")"
	switch {
	case l.outside:
		return LogUnreadable, "it lies in another bucket, which was not looked into"
	case l.absent:
		return LogUnverified, why + ", and it is not there"
	case !read:
		return LogUnreadable, "it could not be read: " + reasonOf(l.found.err)
	case c.known && c.sum == l.found.sum:
		return LogUnverified, why + "; it has the content listed there"
	}
	return LogUnverified, why + "; it has another content than listed there"
}

func (v *verifier) judgeLog(l *logFile, claims []claim) (Verdict, Class, string) {
	var known []claim
	for _, c := range claims {
		if c.known {
			known = append(known, c)
		}
	}
	switch {
	case l.outside:
		return Unverified, LogUnreadable, "it lies in another bucket, which was not looked into"
	case l.absent:
		return v.judgeAbsent(l, claims)
	case l.found.err != nil:
		return Unverified, LogUnreadable, "it could not be read: " + reasonOf(l.found.err)
	case len(known) == 0 && claims[0].algorithm != hashAlgorithm:
		return Unverified, LogAlgorithm, "its digest lists it by " + claims[0].algorithm + ", which is not known"
	case len(known) == 0:
		return Unverified, LogAlgorithm, "its digest lists no SHA-256 for it"
	}
	for _, c := range known[1:] {
		if c.sum != known[0].sum {
			return Invalid, LogConflict, "two proven digests list it with different content: " + known[0].by.key + " and " + c.by.key
		}
	}
	return v.judgeContent(&l.found, known[0])
}

func (v *verifier) judgeAbsent(l *logFile, claims []claim) (Verdict, Class, string) {
	if v.p.outsideDownload(regionFolder(l.key)) {
		return Unverified, LogUnreadable, "nothing of its Region's folder is here: taken as not downloaded, not as deleted"
	}
	for _, c := range claims {
		if !c.by.replaced {
			return Invalid, LogMissing, "a proven digest lists it, and it is not there"
		}
	}
	return Invalid, LogUnknownDeleted, "a proven digest lists it, it is not there, and neither is that digest where it was delivered: " + claims[0].by.doc.name()
}

func (v *verifier) judgeContent(found *content, c claim) (Verdict, Class, string) {
	same := found.sum == c.sum
	switch {
	case same && found.trailing:
		return Invalid, LogTrailingData, "its content is as delivered, but bytes follow it in the file, which other programs take for more records"
	case same && found.damage != "":
		return Warn, LogContainerDamaged, "its content is as delivered, but " + found.damage
	case same && found.plain && v.p.remote:
		return Warn, LogContainerDamaged, "its content is as delivered, but it is not compressed any more"
	case same && found.plain:
		return Valid, LogValid, "its content is what a proven digest lists; it was stored uncompressed"
	case same:
		return Valid, LogValid, "its content is what a proven digest lists"
	case found.damage != "":
		return Invalid, LogFormat, found.damage + ", and what is left is not what a proven digest lists"
	case found.plain && found.first != '{':
		return Invalid, LogFormat, "it is neither gzip nor JSON"
	}
	return Invalid, LogModified, "its content is not what a proven digest lists: it was changed after delivery"
}

// oracle is what validate-logs would say.
func (l *logFile) oracle() (said string, fatal bool) {
	switch l.item.Class {
	case LogMissing, LogUnknownDeleted:
		return "INVALID: not found", false
	case LogAlgorithm:
		if l.claims[0].sum == l.found.sum { // it takes any listed value for a SHA-256
			return "valid", false
		}
		return "INVALID: hash value doesn't match", false
	case LogModified, LogConflict:
		return "INVALID: hash value doesn't match", false
	case LogFormat:
		if strings.HasPrefix(l.item.Reason, "its gzip data ends early") || l.found.size == 0 && l.found.plain {
			return "INVALID: hash value doesn't match", false
		}
		return "INVALID: invalid format", false
	case LogTrailingData:
		return "INVALID: unexpected data after end of compressed stream", false
	case LogUnreadable:
		return "INVALID: " + l.item.Reason, true
	default:
	}
	return "valid", false
}
