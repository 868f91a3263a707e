package digest_test

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/digest"
)

type classes map[string]string // by key: "verdict class"

// A tamper is one way in which an archive can be.
type tamper struct {
	name    string
	plan    func(a *archive) // before it is signed
	damage  func(a *archive) // afterwards
	want    func(a *archive) classes
	offline func(a *archive) classes // what differs from want without metadata; the newest digest aside
	ranges  string
	exit    int
}

// with says that digest i has a class, and its log files are unverified for it.
func with(a *archive, i int, verdictAndClass string) classes {
	c := logsOf(a, i)
	c[a.d(i)] = verdictAndClass
	return c
}

func logsOf(a *archive, i int) classes {
	c := classes{}
	for j := range a.digests[i].logs {
		c[a.l(i, j)] = "unverified log.unverified"
	}
	return c
}

// without is digest i with nothing left that carries its signature.
func without(a *archive, i int) classes { return with(a, i, "unverified digest.signature-absent") }

func join(list ...classes) classes {
	out := classes{}
	for _, c := range list {
		maps.Copy(out, c)
	}
	return out
}

func appendMember(b []byte) []byte { return append(bytes.Clone(b), zip([]byte(`{"Records":[]}`))...) }

func one(key func(a *archive) string, verdictAndClass string) func(a *archive) classes {
	return func(a *archive) classes { return classes{key(a): verdictAndClass} }
}

func log0(a *archive) string { return a.l(2, 0) }

func TestEveryClassIsReached(t *testing.T) {
	reached := map[string]bool{}
	for _, c := range slices.Concat(digestTampers(), logTampers(), rangeTampers(), untouched()) {
		t.Run(c.name, func(t *testing.T) {
			a := newArchive()
			if c.plan != nil {
				c.plan(a)
			}
			a.seal()
			if c.damage != nil {
				c.damage(a)
			}
			want := classes{}
			if c.want != nil {
				want = c.want(a)
			}
			newest := len(a.digests) - 1
			r := a.verify(t, a.online())
			c.check(t, "online", a.bucket+"/", r, a, want)
			if code := r.ExitCode(); code != c.exit {
				t.Errorf("exit %d, want %d", code, c.exit)
			}
			for _, v := range want {
				reached[v] = true
			}
			off := join(without(a, newest), want)
			if c.offline != nil {
				off = join(off, c.offline(a))
			}
			c.check(t, "offline", "", a.verify(t, a.offline()), a, off)
			for name, keys := range map[string]*digest.KeySet{"no key": nil, "a forger's key": keySet(signers()[2])} {
				if name != "no key" && forged(a) {
					continue
				}
				r := verify(t, a.online(), digest.Options{Keys: keys, To: a.to})
				if r.Digests.Valid+r.Digests.Warn+r.LogFiles.Valid+r.LogFiles.Warn > 0 {
					t.Errorf("with %s something is proven: %+v %+v", name, r.Digests, r.LogFiles)
				}
			}
		})
	}
	for _, class := range []digest.Class{
		digest.DigestMissing, digest.DigestFormat, digest.DigestMoved, digest.DigestSignature, digest.DigestMetadataTampered,
		digest.DigestMetadataMissing, digest.DigestSignatureAbsent, digest.DigestKeyUnknown, digest.DigestKeyBad, digest.DigestAlgorithm,
		digest.DigestChainMismatch, digest.DigestTimeAnomaly, digest.DigestOrphan, digest.DigestTrailingData, digest.DigestUnreadable,
		digest.LogModified, digest.LogMissing, digest.LogFormat, digest.LogTrailingData, digest.LogContainerDamaged, digest.LogConflict,
		digest.LogAlgorithm, digest.LogUnverified, digest.LogUnlisted, digest.LogMoved, digest.LogPending, digest.LogUnreadable,
		digest.LogUnknownDeleted,
	} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(reached)), func(s string) bool { return strings.HasSuffix(s, " "+string(class)) }) {
			t.Errorf("no case reaches %s", class)
		}
	}
}

// forged is true for an archive in which something is signed by the forger.
func forged(a *archive) bool {
	return slices.ContainsFunc(a.digests, func(d *digestPlan) bool { return d.signer == signers()[2] })
}

// check compares every item: what the case does not name must be proven valid.
func (c *tamper) check(t *testing.T, where, prefix string, r *digest.Report, a *archive, want classes) {
	t.Helper()
	expected := classes{}
	for key := range a.objects {
		expected[key] = "valid log.valid"
		if strings.Contains(key, "Digest") {
			expected[key] = "valid digest.valid"
		}
	}
	maps.Copy(expected, want)
	maps.DeleteFunc(expected, func(_, v string) bool { return v == "" })
	got := classes{}
	for _, it := range r.Items {
		got[strings.TrimPrefix(it.Key, prefix)] = string(it.Verdict) + " " + string(it.Class)
		if it.Reason == "" {
			t.Errorf("%s: no reason", it.Key)
		}
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", where, diff)
	}
	var ranges []string
	for _, g := range r.Ranges {
		ranges = append(ranges, string(g.Class)+" "+g.From.Format("15:04")+"-"+g.To.Format("15:04"))
	}
	if text := strings.Join(ranges, ", "); text != c.ranges {
		t.Errorf("%s: ranges %q, want %q", where, text, c.ranges)
	}
}

func digestTampers() []tamper {
	garbage := func(a *archive) { a.store(a.d(2), []byte("not a digest")) }
	predecessor := func(a *archive) classes { return without(a, 1) }
	resign := func(a *archive) {
		d := a.digests[2]
		d.signer, d.fields = signers()[2], map[string]any{"oldestEventTime": "x"}
		a.sign(d)
		a.put(d)
	}
	fork := func(a *archive) {
		d := a.digests[2]
		d.fields = map[string]any{"logFiles": []any{}}
		a.sign(d)
		a.put(d)
	}
	digest2 := func(v string) func(a *archive) classes { return func(a *archive) classes { return with(a, 2, v) } }
	only2 := func(v string) func(a *archive) classes { return func(a *archive) classes { return classes{a.d(2): v} } }
	return []tamper{
		{name: "digest deleted", damage: func(a *archive) { delete(a.objects, a.d(2)) }, want: digest2("invalid digest.missing"), offline: predecessor, ranges: "range.unverifiable 02:17-03:17", exit: 1},
		{name: "digest is garbage", damage: garbage, want: digest2("invalid digest.format"), offline: predecessor, exit: 1},
		{name: "digest overwritten by a copy of another", damage: func(a *archive) { a.objects[a.d(2)] = a.objects[a.d(1)] }, want: digest2("invalid digest.moved"), offline: predecessor, exit: 1},
		{name: "digest edited", damage: func(a *archive) {
			a.change(a.d(2), func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"oldestEventTime":null`), []byte(`"oldestEventTime":"x"`), 1)
			})
		}, want: digest2("invalid digest.signature"), exit: 1},
		{name: "metadata changed", damage: func(a *archive) {
			a.objects[a.d(2)] = stored{a.objects[a.d(2)].body, a.objects[a.d(1)].meta}
		}, want: only2("warn digest.metadata-tampered"), offline: only2("valid digest.valid"), exit: 4},
		{name: "metadata lost", damage: func(a *archive) { a.objects[a.d(2)] = stored{body: a.objects[a.d(2)].body} }, want: only2("warn digest.metadata-missing"), offline: only2("valid digest.valid"), exit: 4},
		{name: "metadata of the newest lost", damage: func(a *archive) { a.objects[a.d(5)] = stored{body: a.objects[a.d(5)].body} }, want: func(a *archive) classes { return without(a, 5) }, exit: 4},
		{name: "key not listed", plan: func(a *archive) { a.digests[2].signer = signers()[2] }, want: digest2("unverified digest.key-unknown"), exit: 4},
		{name: "signed anew by a forger", damage: resign, want: digest2("invalid digest.key-unknown"), exit: 1},
		{name: "key unusable", plan: func(a *archive) {
			a.digests[2].signer = signers()[2]
			a.keys.Add(digest.NewKey([]byte("bad"), fingerprint(signers()[2]), time.Time{}, time.Time{}, digest.Origin{}))
		}, want: digest2("unverified digest.key-bad"), exit: 4},
		{name: "unknown algorithm", plan: func(a *archive) { a.digests[2].fields = map[string]any{"digestSignatureAlgorithm": "SHA512withRSA"} }, want: digest2("unverified digest.unsupported-algorithm"), exit: 4},
		{name: "fork", damage: fork, want: digest2("invalid digest.chain-mismatch"), offline: digest2("invalid digest.signature"), exit: 1},
		{name: "reversed window", plan: func(a *archive) { a.digests[2].start = a.digests[2].end.Add(time.Minute) }, want: only2("warn digest.time-anomaly"), ranges: "range.hole 02:17-03:17", exit: 1},
		{name: "passed over", plan: func(a *archive) { a.digests[3].previous = 1 }, want: only2("warn digest.orphan"), offline: func(a *archive) classes { return without(a, 2) }, exit: 4},
		{name: "digest with a second member", damage: func(a *archive) { a.store(a.d(2), appendMember(a.objects[a.d(2)].body)) }, want: only2("warn digest.trailing-data"), exit: 4},
		{name: "digest unreadable", damage: func(a *archive) { a.fail[a.d(2)] = errors.New("access denied") }, want: digest2("unverified digest.unreadable"), offline: predecessor, exit: 3},
	}
}

func logTampers() []tamper {
	other := strings.Repeat("ab", 32)
	forged := newLog(base.Add(2*time.Hour+15*time.Minute), strings.Repeat("forged", 9))
	late := newLog(base.Add(hours*time.Hour), strings.Repeat("late", 12))
	put := func(l *logPlan) func(a *archive) {
		return func(a *archive) { a.objects[a.logKey(l)] = stored{body: zip(l.text)} }
	}
	rename := func(key string) string { return strings.Replace(key, "_CloudTrail-Digest_", "_CloudTrail-Digest_x", 1) }
	log := func(name string, damage func(a *archive), v string, exit int) tamper {
		return tamper{name: name, damage: damage, want: one(log0, v), exit: exit}
	}
	body := func(edit func(b []byte) []byte) func(a *archive) {
		return func(a *archive) { a.store(log0(a), edit(bytes.Clone(a.objects[log0(a)].body))) }
	}
	return []tamper{
		log("log changed", func(a *archive) { a.change(log0(a), func(b []byte) []byte { b[14] ^= 1; return b }) }, "invalid log.modified", 1),
		log("log deleted", func(a *archive) { delete(a.objects, log0(a)) }, "invalid log.missing", 1),
		log("log is garbage", body(func([]byte) []byte { return []byte("garbage") }), "invalid log.format", 1),
		log("log is empty", body(func([]byte) []byte { return nil }), "invalid log.format", 1),
		log("log cut", body(func(b []byte) []byte { return b[:len(b)/2] }), "invalid log.format", 1),
		log("log with a second member", body(appendMember), "invalid log.trailing-data", 1),
		log("log with junk", body(func(b []byte) []byte { return append(b, 0) }), "invalid log.trailing-data", 1),
		log("trailer cut", body(func(b []byte) []byte { return b[:len(b)-8] }), "warn log.container-damaged", 4),
		log("checksum wrong", body(func(b []byte) []byte { b[len(b)-8] ^= 1; return b }), "warn log.container-damaged", 4),
		{name: "log stored uncompressed", damage: body(unzip), want: one(log0, "warn log.container-damaged"), offline: one(log0, "valid log.valid"), exit: 4},
		log("log unreadable", func(a *archive) { a.fail[log0(a)] = errors.New("connection cut") }, "unverified log.unreadable", 3),
		{name: "conflict", plan: func(a *archive) {
			a.digests[3].entries = []map[string]any{{"s3Bucket": a.bucket, "s3Object": log0(a), "hashValue": other, "hashAlgorithm": "SHA-256"}}
		}, want: one(log0, "invalid log.conflict"), exit: 1},
		{name: "unknown hash", plan: func(a *archive) { a.digests[2].logs[0].algorithm = "SHA-512" }, want: one(log0, "unverified log.unsupported-algorithm"), exit: 4},
		{name: "unlisted", damage: put(forged), want: func(a *archive) classes { return classes{a.logKey(forged): "unverified log.unlisted"} }, exit: 4},
		{name: "pending", plan: func(a *archive) { a.to = a.to.Add(30 * time.Minute) }, damage: put(late), want: func(a *archive) classes { return classes{a.logKey(late): "info log.pending"} }},
		{name: "moved", damage: func(a *archive) {
			a.objects[a.logKey(forged)] = a.objects[log0(a)]
			delete(a.objects, log0(a))
		}, want: func(a *archive) classes {
			return classes{log0(a): "invalid log.missing", a.logKey(forged): "unverified log.moved"}
		}, exit: 1},
		{name: "digest renamed and log deleted", damage: func(a *archive) {
			a.objects[rename(a.d(2))] = a.objects[a.d(2)]
			delete(a.objects, a.d(2))
			delete(a.objects, log0(a))
		}, want: func(a *archive) classes {
			return classes{a.d(2): "invalid digest.missing", rename(a.d(2)): "invalid digest.moved", log0(a): "invalid log.unknown-deleted"}
		}, ranges: "range.unverifiable 02:17-03:17", exit: 1},
	}
}

// restart breaks the chain before digest 3.
func restart(a *archive) { a.digests[3].starting = true }

func rangeTampers() []tamper {
	gone := func(a *archive) { // the last digest before a restart, which nothing links to
		delete(a.objects, a.d(2))
	}
	return []tamper{
		{name: "gap", plan: func(a *archive) {
			restart(a)
			a.digests[2].end = a.digests[2].end.Add(-25 * time.Minute)
			a.digests[2].logs = nil
		}, offline: func(a *archive) classes { return without(a, 2) }, ranges: "range.gap 02:52-03:17"},
		{name: "digest before a restart deleted", plan: restart, damage: gone, want: logs2, offline: func(a *archive) classes { return without(a, 1) }, ranges: "range.hole 02:17-03:17", exit: 1},
		{name: "windows do not meet", plan: func(a *archive) { a.digests[3].start = a.digests[3].start.Add(5 * time.Minute) }, ranges: "range.hole 03:17-03:22", exit: 1},
		{
			name: "tail deleted", damage: func(a *archive) {
				for i := 3; i < hours; i++ {
					delete(a.objects, a.d(i))
				}
			}, want: func(a *archive) classes {
				return join(logsOf(a, 3), classes{a.l(4, 0): "info log.pending", a.l(4, 1): "info log.pending", a.l(5, 0): "info log.pending", a.l(5, 1): "info log.pending"})
			},
			offline: func(a *archive) classes { c := without(a, 2); c[a.d(5)] = ""; return c }, ranges: "range.tail-missing 03:17-06:17", exit: 4,
		},
	}
}

func backfill(a *archive) {
	d := a.add("audit", base, -1)
	d.backfill, d.starting = true, true
	d.logs = []*logPlan{newLog(base.Add(13*time.Minute), strings.Repeat("backfill", 8))}
}

func logs2(a *archive) classes { return logsOf(a, 2) }

func untouched() []tamper {
	return []tamper{
		{name: "clean"},
		{name: "rotated key", plan: func(a *archive) {
			for _, d := range a.digests[3:] {
				d.signer = signers()[1]
			}
		}},
		{name: "prefix changed", plan: func(a *archive) {
			for _, d := range a.digests[3:] {
				d.prefix = "new/prefix"
				for _, l := range d.logs {
					l.prefix = d.prefix
				}
			}
		}},
		{name: "another trail's name begins with this one's", plan: func(a *archive) {
			for i := range 2 {
				a.add("audit_us-east-1_x", base.Add(time.Duration(i+4)*time.Hour), i+hours-1).starting = i == 0
			}
		}, offline: func(a *archive) classes { return without(a, hours-1) }},
		{name: "backfill", plan: backfill, offline: func(a *archive) classes { return without(a, hours-1) }},
		{name: "backfill timestamp lost", plan: backfill, damage: func(a *archive) {
			delete(a.objects[a.d(hours)].meta, source.MetaPrefix+"backfill-generation-timestamp")
		}, offline: func(a *archive) classes { return without(a, hours-1) }},
		{name: "forged archive", plan: func(a *archive) {
			for _, d := range a.digests {
				d.signer = signers()[2]
			}
		}, want: func(a *archive) classes {
			c := classes{}
			for i := range a.digests {
				c = join(c, with(a, i, "unverified digest.key-unknown"))
			}
			return c
		}, exit: 4},
	}
}
