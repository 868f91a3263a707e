package digest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source/digest"
)

func TestTrailLimitsWhatIsReported(t *testing.T) {
	a := newArchive()
	a.add("other", base, -1)
	a.seal()
	r := verify(t, a.online(), digest.Options{Keys: a.keys, To: a.to, Trail: "audit"})
	if r.Digests.Valid != hours || len(r.Items) != hours+2*hours-2 || r.ExitCode() != digest.ExitProven {
		t.Errorf("%+v %+v exit %d", r.Digests, r.LogFiles, r.ExitCode())
	}
}

func TestRangeLimitsWhatIsReported(t *testing.T) {
	a := newArchive()
	a.seal()
	r := verify(t, a.online(), digest.Options{Keys: a.keys, From: base.Add(2 * time.Hour), To: base.Add(3 * time.Hour)})
	if r.Digests.Valid != 2 || r.LogFiles.Valid != 4 || len(r.Items) != 6 || r.ExitCode() != digest.ExitProven {
		t.Errorf("%+v %+v exit %d", r.Digests, r.LogFiles, r.ExitCode())
	}
	// Without metadata the signature of the last one reported is carried by one that is not.
	r = verify(t, a.offline(), digest.Options{Keys: a.keys, From: base.Add(2 * time.Hour), To: base.Add(3 * time.Hour)})
	if r.Digests.Valid != 2 {
		t.Errorf("offline %+v", r.Digests)
	}
	none := verify(t, a.online(), digest.Options{Keys: a.keys, Want: func(string, string) bool { return false }})
	if len(none.Items) != 0 || none.ExitCode() != digest.ExitUnestablished || !strings.Contains(none.Notes[0], "no digests") {
		t.Errorf("%+v %v", none.Items, none.Notes)
	}
}
