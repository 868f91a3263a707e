//go:build unix

package cli_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source/sourcetest"
)

const (
	bucketFiles   = 40
	bucketRecords = 25 // in each
)

// bucketOf is an AWS with a bucket "trail" of 1,000 events, and a user with keys for it.
func bucketOf(t *testing.T) (*sourcetest.AWS, *home) {
	t.Helper()
	a := sourcetest.NewAWS(t)
	a.NewBucket("trail", "us-east-1", 1000)
	for i := range bucketFiles {
		var records []string
		for j := range bucketRecords {
			records = append(records, record(i*bucketRecords+j, "alice", "GetUser", "192.0.2.1"))
		}
		key := fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/05/111122223333_CloudTrail_us-east-1_20260305T%02d%02dZ_%016d.json.gz", i/12, 5*(i%12), i)
		a.Put("trail", key, sourcetest.S3Object{Body: sourcetest.Gzip([]byte(`{"Records":[` + strings.Join(records, ",") + `]}`))})
	}
	h := newHome(t).with("AWS_ENDPOINT_URL="+a.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=secret")
	return a, h
}

// stall lets so many log files through and answers no further request for one until the client goes away.
func stall(a *sourcetest.AWS, files int32) (stalled func() bool) {
	var got atomic.Int32
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Op == "GetObject" && got.Add(1) > files {
			return &sourcetest.Fault{Wait: time.Minute}
		}
		return nil
	})
	return func() bool { return got.Load() > files }
}

func flow(a *sourcetest.AWS) { a.Fail(func(sourcetest.Request) *sourcetest.Fault { return nil }) }

// wantWhole brings the rest in and checks that nothing is missing or twice.
func wantWhole(t *testing.T, a *sourcetest.AWS, h *home) {
	t.Helper()
	flow(a)
	var sum struct {
		Held, Duplicates, Conflicts int
		Complete                    bool
	}
	if err := json.Unmarshal([]byte(h.must(t, "sync", "s3://trail", "--format", "json")), &sum); err != nil {
		t.Fatal(err)
	}
	if sum.Held != bucketFiles*bucketRecords || sum.Duplicates != 0 || sum.Conflicts != 0 || !sum.Complete {
		t.Errorf("after the interruption: %+v", sum)
	}
	if out := h.must(t, "search", "--count"); out != fmt.Sprintln(bucketFiles*bucketRecords) {
		t.Errorf("search counts %s", out)
	}
	h.must(t, "index", "check")
	a.Forget()
	h.must(t, "sync", "s3://trail", "--quiet")
	for _, r := range a.Requests() {
		if r.Op == "GetObject" {
			t.Errorf("%s is fetched again", r.Key)
		}
	}
}

// TestInterruptedSync: ctrl+c on a terminal ends with 130; killed or not, the next run goes on where it was.
func TestInterruptedSync(t *testing.T) {
	t.Parallel()
	a, h := bucketOf(t)
	stalled := stall(a, 12)
	p := h.screen(t, 100, 30, "sync", "s3://trail")
	p.until("the log files are never asked for", stalled)
	p.keys(ctrlC)
	if code := p.exit(); code != 130 {
		t.Errorf("exit code %d after ctrl+c, want 130:\n%s", code, p.text())
	}
	noneRaw(t, []string{"sync"}, p.bytes())
	wantWhole(t, a, h)
}

func TestKilledSync(t *testing.T) {
	t.Parallel()
	a, h := bucketOf(t)
	for _, files := range []int32{0, 7, 20} {
		stalled := stall(a, files)
		p := h.screen(t, 100, 30, "sync", "s3://trail")
		p.until("the log files are never asked for", stalled)
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		p.exit()
	}
	wantWhole(t, a, h)
}

// TestInterruptedPanes: ctrl+c stops the bringing in and leaves the panes open on what is there.
func TestInterruptedPanes(t *testing.T) {
	t.Parallel()
	a, h := bucketOf(t)
	stalled := stall(a, 12)
	p := h.screen(t, 80, 24, "s3://trail")
	p.until("the log files are never asked for", stalled)
	p.wait(`bringing in`)
	p.keys(ctrlC)
	p.wait(`([0-9]+) events brought in; stopped by ctrl\+c, what came in stays`)
	p.settle()
	came := regexp.MustCompile(`([0-9]+) events brought in`).FindStringSubmatch(p.text())
	p.wait(`/ all events .* ` + came[1] + ` events`)
	p.running()
	p.quit()
	wantWhole(t, a, h)
}

// TestSecondReader: while one process brings in, another is told who holds the store, soon and without a screen.
func TestSecondReader(t *testing.T) {
	t.Parallel()
	a, h := bucketOf(t)
	stalled := stall(a, 12)
	p := h.screen(t, 80, 24, "sync", "s3://trail")
	p.until("the log files are never asked for", stalled)
	for _, args := range [][]string{{"search", "--count"}, {"s3://trail"}} {
		began := time.Now()
		q := h.screen(t, 80, 24, args...)
		if code := q.exit(); code != 3 {
			t.Errorf("trailsift %q beside a sync: exit code %d, want 3", args, code)
		}
		if d := time.Since(began); d > 10*time.Second {
			t.Errorf("trailsift %q waits %s for the store", args, d)
		}
		q.wait(fmt.Sprintf(`in use by process %d`, p.cmd.Process.Pid))
		q.wait(`hint: wait until it is done`)
		if q.tookScreen() {
			t.Errorf("trailsift %q takes the screen over", args)
		}
	}
}

// TestUnreachableAWS: a store of AWS places opens from what is held, whatever AWS does; --offline asks nothing.
func TestUnreachableAWS(t *testing.T) {
	t.Parallel()
	a, h := bucketOf(t)
	a.Remember("us-east-1", sourcetest.HistoryEvent{
		ID: "00000000-0000-4000-8000-000000009999", Time: time.Now().Add(-2 * time.Hour).Truncate(time.Second),
		Record: record(9999, "carol", "ListUsers", "192.0.2.9"),
	})
	h.must(t, "sync", "s3://trail", "--quiet")
	h.must(t, "sync", "history:us-east-1", "--from", "-1d", "--lookup-rate", "1000", "--quiet")
	a.Fail(func(sourcetest.Request) *sourcetest.Fault { return &sourcetest.Fault{Wait: time.Minute} })
	for place, events := range map[string]string{"s3://trail": "1,000 events", "history:us-east-1": "1 events?"} {
		began := time.Now()
		p := h.screen(t, 80, 24, place)
		p.wait(events)
		if d := time.Since(began); d > 2*time.Second {
			t.Errorf("%s opens after %s", place, d)
		}
		p.quit()
		a.Forget()
		p = h.screen(t, 80, 24, place, "--offline")
		p.wait(events)
		p.quit()
		if n := len(a.Requests()); n != 0 {
			t.Errorf("%s --offline: %d requests", place, n)
		}
	}
}

// TestPlacesAreCheckedFirst: what is wrong with a place is one error and one hint on the main screen, exit 3.
func TestPlacesAreCheckedFirst(t *testing.T) {
	t.Parallel()
	h := newHome(t).with("AWS_EC2_METADATA_DISABLED=")
	h.file(t, "other/readme.md", "# not a log\n")
	h.file(t, "other/flow.log", "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n")
	if err := os.Mkdir(filepath.Join(h.dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	// Instance metadata that takes the connection and never answers.
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	h = h.with("AWS_EC2_METADATA_SERVICE_ENDPOINT=http://" + silent.Addr().String())
	cases := map[string][]string{
		`no such file or folder`:                  {"./nowhere"},
		`no CloudTrail in it: looked at 2 files:`: {"other"},
		`no CloudTrail in it: no files`:           {"empty"},
		`no credentials found`:                    {"history:us-east-1"},
		`profile nobody: no such profile`:         {"history:us-east-1", "--profile", "nobody"},
		`--offline opens none|not asked: --offli`: {"s3://trail", "--offline"},
	}
	if os.Getuid() != 0 {
		if err := os.Mkdir(filepath.Join(h.dir, "locked"), 0); err != nil {
			t.Fatal(err)
		}
		cases[`not readable: permission denied`] = []string{"locked"}
	}
	for says, args := range cases {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			p := h.screen(t, 100, 24, args...)
			if code := p.exit(); code != 3 {
				t.Errorf("exit code %d, want 3", code)
			}
			if d := time.Since(began); d > 3500*time.Millisecond {
				t.Errorf("said after %s", d)
			}
			p.wait(says)
			out := string(p.bytes())
			if p.tookScreen() || strings.Count(out, "trailsift: ") != 1 || strings.Count(out, "hint: ") != 1 {
				t.Errorf("want one error, one hint and no screen taken over: %q", out)
			}
		})
	}
}
