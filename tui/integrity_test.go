package tui

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/index"
)

// established is a verification of two days of one trail in two Regions: one log file altered, one missing, a digest
// missing, a hole, and things that are odd, open or normal.
func established() []index.Integrity {
	start := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	p := index.Integrity{
		Place: "memory:", Checked: time.Date(2026, 3, 5, 12, 20, 0, 0, time.UTC),
		Keys: []index.TrustedKey{{Fingerprint: "aa", Origin: "ListPublicKeys of 111122223333 at 2026-03-05", Region: "us-east-1"}},
	}
	file := func(f index.FileVerdict) int {
		p.Files = append(p.Files, f)
		return len(p.Files) - 1
	}
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		c := index.Chain{Account: "111122223333", Region: region, Trail: "management", Home: "us-east-1"}
		for h := 35; h >= 0; h-- {
			end := start.Add(time.Duration(h+1) * time.Hour)
			key := fmt.Sprintf("AWSLogs/111122223333/CloudTrail-Digest/%s/%s/111122223333_CloudTrail-Digest_%s_management_us-east-1_%s.json.gz",
				region, end.Format("2006/01/02"), region, end.Format("20060102T150405Z"))
			v := index.FileVerdict{Key: key, Digest: true, Verdict: "valid", Class: "digest.valid", KeySource: p.Keys[0].Origin}
			d := index.ChainDigest{Start: end.Add(-time.Hour), End: end, Starting: h == 0}
			switch {
			case region == "us-east-1" && h == 20:
				v.Verdict, v.Class, v.Reason = "invalid", "digest.missing", "the digest of 22:00 names it"
				d.Start = time.Time{}
			case region == "eu-west-1" && h == 35:
				v.Verdict, v.Class, v.Reason, v.KeySource = "unverified", "digest.signature-absent", "the newest of the chain, without metadata", ""
			}
			d.File = file(v)
			for m := 0; m < 60 && v.Verdict == "valid"; m += 20 {
				at := end.Add(time.Duration(m-60) * time.Minute)
				l := index.FileVerdict{
					Key: fmt.Sprintf("AWSLogs/111122223333/CloudTrail/%s/%s/111122223333_CloudTrail_%s_%s_%05d.json.gz",
						region, at.Format("2006/01/02"), region, at.Format("20060102T1504Z"), h*100+m),
					Verdict: "valid", Class: "log.valid", Oldest: at.Add(-10 * time.Minute), Newest: at.Add(-time.Minute),
				}
				switch {
				case region == "us-east-1" && h == 30 && m == 20:
					l.Verdict, l.Class, l.Reason = "invalid", "log.modified", "its SHA-256 is not the one the digest lists"
					l.Expected, l.Computed = fmt.Sprintf("%064x", 0x3f1d9c), fmt.Sprintf("%064x", 0xa90b42)
				case region == "us-east-1" && h == 32 && m == 0:
					l.Verdict, l.Class, l.Reason = "invalid", "log.missing", "the digest of 2026-03-05 09:00 lists it"
				}
				d.Logs = append(d.Logs, file(l))
			}
			c.Digests = append(c.Digests, d)
		}
		p.Chains = append(p.Chains, c)
	}
	for i := range 6 {
		file(index.FileVerdict{
			Key:     fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/05/111122223333_CloudTrail_us-east-1_20260305T12%02dZ_new.json.gz", i*5),
			Verdict: "info", Class: "log.pending", Reason: "newer than the newest digest",
		})
	}
	file(index.FileVerdict{
		Key:     "AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/04/111122223333_CloudTrail_us-east-1_20260304T1003Z_forged.json.gz",
		Verdict: "unverified", Class: "log.unlisted", Reason: "delivered in a time that proven digests cover, and in none",
	})
	p.Ranges = []index.RangeVerdict{
		{
			Class: "range.unverifiable", Account: "111122223333", Region: "us-east-1", Trail: "management",
			From: start.Add(20 * time.Hour), To: start.Add(21 * time.Hour), Reason: "the digest of this time is missing",
		},
		{
			Class: "range.gap", Account: "111122223333", Region: "eu-west-1", Trail: "management",
			From: start.Add(-3 * time.Hour), To: start, Reason: "the chain began anew; no log files were delivered meanwhile",
		},
	}
	p.Notes = []string{"the newest digest of eu-west-1 has no signature here: S3 metadata of the digest would be needed"}
	return []index.Integrity{p}
}

// verified is a store that was verified: its log files are proven but for one, another one is missing.
func verified(t *testing.T) Options {
	t.Helper()
	opt := small(t)
	rep := established()[0]
	for key := range ordinary(300) {
		f := index.FileVerdict{Key: key, Verdict: "valid", Class: "log.valid"}
		if strings.Contains(key, "T0800Z") {
			f.Verdict, f.Class, f.Reason = "invalid", "log.modified", "its content is not what a proven digest lists"
		}
		rep.Files = append(rep.Files, f)
	}
	if err := opt.Index.SetIntegrity(t.Context(), rep); err != nil {
		t.Fatal(err)
	}
	return opt
}

// TestDetailIsVerified: the record that is shown while its log file is verified says what was found.
func TestDetailIsVerified(t *testing.T) {
	opt := small(t)
	d := newDriver(t, opt, 120, 40).sees("integrity not checked").lacks("integrity INVALID")
	rep := index.Integrity{Place: "memory:", Checked: time.Unix(0, 0)}
	for key := range ordinary(300) {
		rep.Files = append(rep.Files, index.FileVerdict{Key: key, Verdict: "invalid", Class: "log.modified"})
	}
	opt.Verify = func(ctx context.Context, _ func(index.VerifyProgress)) error { return opt.Index.SetIntegrity(ctx, rep) }
	d.app.opt.Verify = opt.Verify
	d.press("4", "r", "1").sees("integrity INVALID: log.modified")
}

// TestVerified: what a verification established is seen in list, facet, histogram, detail, sources and status line, and
// changes without anything being brought in again.
func TestVerified(t *testing.T) {
	opt := verified(t)
	d := newDriver(t, opt, 80, 24).press("/").typed("verdict:invalid").press("enter").sees("10 match").sees(" ~03-05 08:00:00")
	d.sees("integrity: 2 altered").press("enter").sees("integrity INVALID: log.modified, altered").sees("its content is not what")
	d.press("esc", "/", "ctrl+u").press("enter", "t").typed("08:04").press("enter").sees("-- log file missing: 03-05 07:50 to 07:59, us-east-1, 111122223333")
	d.sees("░").press("f").typed("jjjjjjjjjjjjjjjjjjjjj").sees("verdict").sees("invalid")
	d.press("esc", "5").sees("COVERAGE").sees("111122223333 us-east-1").sees("~held")
	d.press("i").lacks("COVERAGE").press("i").sees("COVERAGE")

	d = newDriver(t, small(t), 80, 24).sees("integrity not checked").lacks(" ?03-05").press("f").lacks("verdict")
	rep := established()[0]
	rep.Files = nil
	rep.Chains, rep.Ranges = nil, nil
	if err := d.app.opt.Index.SetIntegrity(t.Context(), rep); err != nil {
		t.Fatal(err)
	}
	d.press("esc", "4").sees("There are no digests here, so nothing vouches").sees("integrity: no digests").press("1").sees(" ?03-05 12:00:00")
}

// TestVerify: r verifies again, with progress; esc stops it; what was known stays.
func TestVerify(t *testing.T) {
	opt := verified(t)
	began, stopped := 0, 0
	opt.Verify = func(ctx context.Context, progress func(index.VerifyProgress)) error {
		began++
		for i := range 100 {
			progress(index.VerifyProgress{Phase: "log files", Done: i, Total: 100, Bytes: 1 << 20})
		}
		if began == 1 {
			return opt.Index.SetIntegrity(ctx, index.Integrity{Place: "memory:", Checked: time.Unix(0, 0)})
		}
		<-ctx.Done()
		stopped++
		return ctx.Err()
	}
	d := newDriver(t, opt, 80, 24).press("4").sees("4 Integrity(!5)")
	d.press("r").sees("verified 1970-01-01").sees("integrity: no digests").lacks("Integrity(!")

	a := d.app
	a.Update(keyMsg("r"))
	a.Update(verifyingMsg{index.VerifyProgress{Phase: "log files", Done: 30, Total: 100, Bytes: 1 << 20}})
	d.sees("verifying ████░░").sees("30%  log files  30/100  1.0 MB").sees("esc stops it")
	a.Update(keyMsg("r"))
	d.sees("a verification is running")
	a.Update(keyMsg("esc"))
	d.sees("verification stopped")
	a.Update(verifiedMsg{context.Canceled})
	d.sees("the last verification was stopped").sees("[4 Integrity]")
	if began != 1 || stopped != 0 { // the second one was never run: only its messages were
		t.Errorf("began %d, stopped %d", began, stopped)
	}
}

// integrityDriver shows the view with a report that no index holds.
func integrityDriver(t *testing.T, opt Options, w, h int) *driver {
	t.Helper()
	d := newDriver(t, opt, w, h).press("4")
	r := newReport(established())
	d.update(integrityMsg{generation: opt.Index.Generation(), report: r, ask: d.app.integrity.ask, rows: r.list(d.app.integrity.ask)})
	d.settle()
	return d
}

func TestIntegrityView(t *testing.T) {
	d := integrityDriver(t, small(t), 80, 24)
	d.sees("4 Integrity(!4)").sees("DIGESTS 72  70 valid  1 INVALID  1 unverified").sees("LOG FILES 217  208 valid  2 INVALID")
	d.sees("verified 2026-03-05 12:20 UTC   1 public key: ListPublicKeys").sees("us-east-1 ▇▇▇").sees("✗✗✗")
	d.sees("> invalid    missing").sees("somebody deleted or renamed it").sees("NEXT   look for it in object versions")
	d.press("j").sees("> invalid    altered").sees("SHA-256 is not the one the digest lists").sees("somebody wrote other content over it")
	d.press("G").sees("note").sees("NOTE   the newest digest of eu-west-1").press("enter").sees("no events belong to this line")
	d.press("g", "/").typed("eu-west").sees("pause").lacks("altered").press("enter", "esc").sees("altered")
	d.press("X").sees("(all 2").press("X").lacks("(all 2")
	d.press("s").sees("sorted by time").press("s").sees("sorted by name").press("s").sees("sorted by severity")
	d.press("y")
	if len(d.out) != 1 || !strings.Contains(d.out[0], "verdict: invalid log.missing") || !strings.Contains(d.out[0], "next: look for it") {
		t.Errorf("copied %q", d.out)
	}
}

// TestIntegrityOpens: enter shows the events of a log file, or those around what is missing.
func TestIntegrityOpens(t *testing.T) {
	d := integrityDriver(t, small(t), 80, 24)
	d.press("j", "enter").sees("[1 Events]").sees("/ log=AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/05/")
	d.press("4", "k", "enter").sees("/ time:2026-03-05T07:20:00Z..2026-03-05T08:29:01Z").sees("events around 2026-03-05 07:50 to 07:59 UTC")
	d.press("4", "tab", "enter").sees("/ account=111122223333 region=us-east-1")
}

// TestWords: every class has words, and none is called valid that is not.
func TestWords(t *testing.T) {
	doc, err := os.ReadFile("../docs/integrity.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for line := range strings.SplitSeq(string(doc), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		for class := range strings.SplitSeq(cells[1], ",") {
			class = strings.TrimSpace(class)
			if kind, _, ok := strings.Cut(class, "."); !ok || kind != "digest" && kind != "log" && kind != "range" {
				continue
			}
			found++
			m, ok := meanings[class]
			valid := strings.HasPrefix(strings.TrimSpace(cells[2]), "valid")
			if !ok || m.word == "" || m.means == "" || (m.next == "") != valid || (m.word == "proven") != valid {
				t.Errorf("%s: %+v", class, m)
			}
		}
	}
	if found != len(meanings) {
		t.Errorf("docs/integrity.md has %d classes, there are words for %d", found, len(meanings))
	}
}

// TestStrip: the worst that meets in a cell is drawn, wherever the cells' borders are.
func TestStrip(t *testing.T) {
	r := newReport(established())
	for cells := 1; cells < 200; cells += 7 {
		for i := range r.chains {
			c := &r.chains[i]
			var worst mark
			for _, m := range c.strip(r.from, r.to, cells) {
				worst = max(worst, m)
				if m == markNone {
					t.Fatalf("%d cells of %s: nothing is known in %v", cells, c.region, c.strip(r.from, r.to, cells))
				}
			}
			if worst != c.worst {
				t.Errorf("%d cells of %s: the worst is %d, want %d", cells, c.region, worst, c.worst)
			}
		}
	}
}

// BenchmarkIntegrity is a year of hourly digests in 17 Regions, 12 log files each: making it ready, and one frame.
func BenchmarkIntegrity(b *testing.B) {
	p := index.Integrity{Place: "memory:", Checked: time.Unix(0, 0)}
	end := time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)
	for region := range 17 {
		c := index.Chain{Account: "111122223333", Region: fmt.Sprintf("region-%d", region), Trail: "management"}
		for h := range 365 * 24 {
			at := end.Add(time.Duration(-h) * time.Hour)
			d := index.ChainDigest{File: len(p.Files), Start: at.Add(-time.Hour), End: at}
			p.Files = append(p.Files, index.FileVerdict{Key: "AWSLogs/digest_" + at.Format("20060102T150405Z") + ".json.gz", Digest: true, Verdict: "valid", Class: "digest.valid"})
			for m := range 12 {
				f := index.FileVerdict{Key: "AWSLogs/log_" + at.Add(time.Duration(-5*m)*time.Minute).Format("20060102T1504Z") + "_x.json.gz", Verdict: "valid", Class: "log.valid"}
				if (h+m)%1000 == 0 {
					f.Verdict, f.Class = "invalid", "log.modified"
				}
				d.Logs = append(d.Logs, len(p.Files))
				p.Files = append(p.Files, f)
			}
			c.Digests = append(c.Digests, d)
		}
		p.Chains = append(p.Chains, c)
	}
	var r *report
	b.Run("report", func(b *testing.B) {
		for b.Loop() {
			r = newReport([]index.Integrity{p})
		}
	})
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			r.list(problemAsk{all: true})
		}
	})
	b.Run("frame", func(b *testing.B) {
		pane := integrityPane{loaded: true, report: r, rows: r.list(problemAsk{})}
		th := newTheme(false, false, true)
		for b.Loop() {
			pane.SetSize(160, 42)
			pane.View(th, time.UTC)
		}
	})
}
