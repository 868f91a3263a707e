//go:build unix

package cli_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source/sourcetest"
)

// chooseBucket is a bucket of 12 days of two accounts, and a user with keys for it.
func chooseBucket(t *testing.T) (*sourcetest.AWS, *home) {
	t.Helper()
	a := sourcetest.NewAWS(t)
	a.NewBucket("trail", "us-east-1", 1000)
	n := 0
	for day := 1; day <= 12; day++ {
		for _, account := range []string{"111122223333", "444455556666"} {
			r := record(n, "alice", "GetUser", "192.0.2.1")
			n++
			a.Put("trail", fmt.Sprintf("AWSLogs/%s/CloudTrail/us-east-1/2026/03/%02d/%[1]s_CloudTrail_us-east-1_202603%02[2]dT1200Z_%016d.json.gz", account, day, n),
				sourcetest.S3Object{Body: container(r)})
		}
	}
	h := newHome(t).with("AWS_ENDPOINT_URL="+a.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=secret")
	return a, h
}

// TestChooseOnSync: above --max-bytes the terminal asks before the first object; what is chosen comes in, and no more.
func TestChooseOnSync(t *testing.T) {
	t.Parallel()
	a, h := chooseBucket(t)
	p := h.screen(t, 80, 24, "sync", "s3://trail", "--max-bytes", "1KB")
	p.wait(`WHAT TO BRING IN +s3://trail`)
	p.wait(`DAYS 1/12\]  ACCOUNTS 2/2   REGIONS 1/1`)
	p.keys("j", " ", tab, " ")
	p.wait(`\[ \] 111122223333 +2 `)
	p.wait(`chosen .* 2 of 24 objects`)
	if asked(a)["GetObject"] > 0 {
		t.Errorf("asked %v before anything was chosen", asked(a))
	}
	p.keys(enter)
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, p.text())
	}
	p.restored()
	if n := asked(a)["GetObject"]; n != 2 {
		t.Errorf("%d GetObject, want those of two days of one account", n)
	}
	if got := h.must(t, "search", "--count"); got != "2\n" {
		t.Errorf("%s events", got)
	}

	// Leaving brings nothing in; the flag to pass is named.
	a.Forget()
	p = h.screen(t, 100, 24, "sync", "s3://trail", "--max-bytes", "1KB")
	p.wait(`22 of 22 objects|of 22 objects`)
	p.wait(`2 held already`)
	p.esc()
	if code := p.exit(); code != 2 {
		t.Errorf("exit code %d after esc", code)
	}
	if out := string(p.bytes()); !strings.Contains(out, "above --max-bytes 1.0 kB") || asked(a)["GetObject"] > 0 {
		t.Errorf("asked %v, %q", asked(a), tail([]byte(out), 600))
	}
}

// TestChooseInPanes: the explorer asks, too; b in Sources asks for the rest later.
func TestChooseInPanes(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {160, 45}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			a, h := chooseBucket(t)
			p := h.screen(t, size[0], size[1], "s3://trail", "--max-bytes", "1KB")
			p.wait(`WHAT TO BRING IN +s3://trail`)
			p.keys("?")
			p.wait(`take or leave this line`)
			p.esc()
			p.gone(`take or leave this line`)
			p.esc()
			p.wait(`nothing was chosen \(5, then b, asks again\)`)
			if asked(a)["GetObject"] > 0 {
				t.Errorf("asked %v", asked(a))
			}
			p.keys("5", "b")
			p.wait(`DAYS 1/12`)
			p.keys("j", "j", "n")
			p.wait(`DAYS 3/12`)
			p.keys(enter)
			p.wait(`6 events brought in`)
			p.keys("1")
			p.wait(`/ all events .* 6 events`)
			p.keys("5", "b")
			p.wait(`6 held already`)
			p.keys("a", enter)
			p.wait(`18 events brought in`)
			p.quit()
			if n := asked(a)["GetObject"]; n != 24 {
				t.Errorf("%d GetObject", n)
			}
			h.must(t, "index", "check")
		})
	}
}
