package digest_test

import (
	"testing"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/demo"
	"github.com/trailsift/trailsift/source/digest"
)

func demoKeys(t *testing.T, d *demo.Demo) *digest.KeySet {
	t.Helper()
	keys, err := digest.ParseKeys(d.PublicKeys(), digest.Origin{Text: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	set := &digest.KeySet{}
	set.Add(keys...)
	return set
}

func TestDemoShowsWhatTheIntruderDid(t *testing.T) {
	d := demo.New(demo.Options{Events: 3000})
	truth := demo.Truth()
	r := verify(t, d, digest.Options{Keys: demoKeys(t, d)})
	classes := map[digest.Class]int{}
	for _, it := range r.Items {
		classes[it.Class]++
		switch {
		case it.Class == digest.LogModified && it.Key == truth.AlteredKey:
		case it.Class == digest.LogMissing && it.Key == truth.DeletedKey:
		case it.Verdict == digest.Invalid || it.Verdict == digest.Warn:
			t.Errorf("%s: %s %s", it.Key, it.Class, it.Reason)
		}
	}
	t.Log(classes, r.Ranges)
	if classes[digest.LogModified] != 1 || classes[digest.LogMissing] != 1 || classes[digest.LogPending] == 0 || classes[digest.LogUnlisted] != 0 {
		t.Errorf("classes %v", classes)
	}
	gaps := 0
	for _, g := range r.Ranges {
		if g.Class != digest.RangeGap || g.To != truth.Restarted.UTC() {
			t.Errorf("range %+v", g)
		}
		gaps++
	}
	if gaps == 0 || r.ExitCode() != digest.ExitInvalid {
		t.Errorf("%d gaps, exit %d", gaps, r.ExitCode())
	}
}

// elsewhere is a place with the demo's content that is not the demo.
type elsewhere struct{ source.Source }

func (elsewhere) Place() source.Place { return source.Place{Text: "folder", ID: "file:/folder"} }

func TestDemoKeyCountsForTheDemoAlone(t *testing.T) {
	d := demo.New(demo.Options{Events: 1000})
	r := verify(t, elsewhere{d}, digest.Options{Keys: demoKeys(t, d)})
	for _, it := range r.Items {
		if it.Verdict == digest.Valid || it.Kind == "digest" && it.Class != digest.DigestKeyUnknown {
			t.Fatalf("%s: %s %s", it.Key, it.Class, it.Reason)
		}
	}
}
