package cli_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source/sourcetest"
	"github.com/trailsift/trailsift/tui/cli"
)

// tried is what --dry-run --format json prints, as far as it is checked.
type tried struct {
	Objects, Held, Requests int
	Bytes                   int64
	Above                   bool                                 `json:"above_max_bytes"`
	Price                   struct{ Requests, Transfer float64 } `json:"price_usd"`
	Places                  []struct {
		Place        string
		Objects      int
		ListRequests int `json:"list_requests"`
		WithoutSize  int `json:"objects_without_size"`
		Days         []struct {
			Day, Account, Region, Type string
			Objects                    int
			Bytes                      int64
		}
	}
}

// storesOf are the stores of a user.
func storesOf(t *testing.T) (stores []string) {
	t.Helper()
	err := filepath.WalkDir(os.Getenv("XDG_DATA_HOME"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".db") {
			stores = append(stores, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return stores
}

// A dry run tells objects, bytes, requests and price by account, Region and day; nothing is fetched, no store is made.
func TestDryRun(t *testing.T) {
	a := sourcetest.NewAWS(t)
	trailBucket(a, "trail-logs")
	u := signedIn(t, a.URL)
	got := decode[tried](t, u.ok("sync", "--dry-run", "--format", "json", "s3://trail-logs/o", "--max-bytes", "1KB"))
	if asked(a)["GetObject"] > 0 || asked(a)["ListObjectsV2"] == 0 || len(storesOf(t)) > 0 {
		t.Errorf("asked %v, stores %v", asked(a), storesOf(t))
	}
	if got.Objects != 41 || got.Requests != 41 || got.Held != 0 || !got.Above || got.Price.Requests <= 0 || got.Price.Transfer <= 0 {
		t.Errorf("%+v", got)
	}
	objects, size := 0, int64(0)
	for _, d := range got.Places[0].Days {
		objects += d.Objects
		size += d.Bytes
		if d.Account == "" || d.Region == "" || !strings.HasPrefix(d.Day, "2026-11-") || !strings.HasPrefix(d.Type, "CloudTrail") {
			t.Errorf("%+v", d)
		}
	}
	if objects != 41 || size != got.Bytes || size == 0 || got.Places[0].ListRequests == 0 {
		t.Errorf("days have %d objects and %d bytes of %d and %d", objects, size, got.Objects, got.Bytes)
	}
	table := u.ok("s3://trail-logs/o", "--dry-run")
	for _, says := range []string{"2026-11-20", "111122223334", "ap-south-1", "41 objects to fetch", "41 requests", "nothing was fetched"} {
		if !strings.Contains(table, says) {
			t.Errorf("the table lacks %q:\n%s", says, table)
		}
	}

	u.sync(0, "s3://trail-logs/o")
	a.Forget()
	before := modified(t, storesOf(t))
	got = decode[tried](t, u.ok("sync", "--dry-run", "--format", "json", "s3://trail-logs/o"))
	if got.Objects != 0 || got.Held != 41 || got.Above || asked(a)["GetObject"] > 0 {
		t.Errorf("when all is held: %+v, asked %v", got, asked(a))
	}
	if diff := cmp.Diff(before, modified(t, storesOf(t))); diff != "" {
		t.Errorf("a dry run changed the store:\n%s", diff)
	}
	got = decode[tried](t, u.ok("sync", "--dry-run", "--format", "json", "s3://trail-logs", "--regions", "us-east-1", "--accounts", "111122223333"))
	for _, d := range got.Places[0].Days {
		if d.Account != "111122223333" || d.Region != "us-east-1" {
			t.Errorf("limited to an account and Region: %+v", d)
		}
	}
}

func modified(t *testing.T, files []string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[f] = sum(string(b))
	}
	return out
}

// Above --max-bytes nothing is fetched and the flag that lets it pass is named; what is held does not count.
func TestMaxBytes(t *testing.T) {
	a := sourcetest.NewAWS(t)
	planted := trailBucket(a, "trail-logs")
	u := signedIn(t, a.URL)
	for _, args := range [][]string{
		{"sync", "s3://trail-logs/o", "--max-bytes", "2KB"}, {"s3://trail-logs/o", "--max-bytes", "2KB"},
	} {
		got := u.run(args...)
		if got.code != 2 || got.out != "" {
			t.Errorf("%q: exit code %d, %q", args, got.code, got.out)
		}
		for _, says := range []string{"41 objects to fetch", "41 requests", "above --max-bytes 2.0 kB", "nothing was fetched", "--max-bytes 13KB"} {
			if !strings.Contains(got.stderr, says) {
				t.Errorf("%q does not say %q:\n%s", args, says, got.stderr)
			}
		}
	}
	if asked(a)["GetObject"] > 0 || len(storesOf(t)) > 0 {
		t.Errorf("asked %v, stores %v", asked(a), storesOf(t))
	}
	if s := u.sync(0, "s3://trail-logs/o", "--max-bytes", "13KB"); s.Events != 80 || !s.Complete {
		t.Errorf("%+v", s)
	}
	late := recordOf(500, 19)
	a.Put("trail-logs", "o/AWSLogs/o-abc123/111122223333/CloudTrail/us-east-1/2026/11/19/"+
		"111122223333_CloudTrail_us-east-1_20261119T0300Z_LATE.json.gz", sourcetest.S3Object{Body: container(late)})
	if s := u.sync(0, "s3://trail-logs/o", "--max-bytes", "2KB"); s.Events != 1 {
		t.Errorf("a late file: %+v", s)
	}
	wantRecords(t, u, append(planted, late))
}

// A listing that was made to look how much there is serves the fetching, too.
func TestSurveyIsNotListedTwice(t *testing.T) {
	a := sourcetest.NewAWS(t)
	trailBucket(a, "trail-logs")
	u := signedIn(t, a.URL)
	u.sync(0, "s3://trail-logs/o", "--max-bytes", "0", "--index", filepath.Join(t.TempDir(), "a.db"))
	once := asked(a)["ListObjectsV2"]
	a.Forget()
	u.sync(0, "s3://trail-logs/o", "--index", filepath.Join(t.TempDir(), "b.db"))
	if n := asked(a)["ListObjectsV2"]; n != once {
		t.Errorf("%d listings with a look before, %d without", n, once)
	}
}

// runIn runs a command line where the disk has as much room as free says.
func (u *user) runIn(free func(string) (int64, bool), args ...string) said {
	var out, stderr bytes.Buffer
	code := cli.Run(args, cli.Env{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &stderr,
		Getenv: os.Getenv, Now: func() time.Time { return u.now }, Version: "test", Free: free,
	})
	return said{args, code, out.String(), stderr.String()}
}

// Where the disk gets full bringing in stops in time; what came in stays, and the store is sound.
func TestMinFree(t *testing.T) {
	a := sourcetest.NewAWS(t)
	planted := trailBucket(a, "trail-logs")
	u := signedIn(t, a.URL)
	got := u.runIn(func(string) (int64, bool) { return 499e6, true }, "sync", "s3://trail-logs/o", "--quiet")
	wantRefusal(t, got, "499 MB free on its disk, less than --min-free 500 MB")
	if asked(a)["GetObject"] > 0 {
		t.Errorf("asked %v on a full disk", asked(a))
	}

	// Log files take a while, each a little longer than the one before, so that the room is looked at while they come in:
	// some are decoded at the moment it stops, on any machine.
	var gets, looks atomic.Int64
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Op == "GetObject" {
			return &sourcetest.Fault{Wait: time.Duration(gets.Add(1)) * 40 * time.Millisecond}
		}
		return nil
	})
	free := func(string) (int64, bool) {
		if looks.Add(1) > 1 {
			return 5e6, true
		}
		return 5e9, true
	}
	got = u.runIn(free, "sync", "s3://trail-logs/o", "--quiet", "--min-free", "10MB")
	if got.code != 3 || !strings.Contains(got.stderr, "5.0 MB free on its disk, less than --min-free 10.0 MB; stopped, what came in stays") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	a.Fail(func(sourcetest.Request) *sourcetest.Fault { return nil })
	u.ok("index", "check")
	if s := u.sync(0, "s3://trail-logs/o"); !s.Complete || s.Held != 80 {
		t.Errorf("with room again: %+v", s)
	}
	wantRecords(t, u, planted)
}

// With --no-keep nothing is kept: records are asked for again, and without a connection that is said.
func TestNoKeep(t *testing.T) {
	a := sourcetest.NewAWS(t)
	planted := trailBucket(a, "trail-logs")
	u := signedIn(t, a.URL)
	u.sync(0, "s3://trail-logs/o", "--no-keep")
	a.Forget()
	if n := u.count("event:ListBuckets"); n != 80 || len(a.Requests()) > 0 {
		t.Errorf("%d events, asked %v", n, asked(a))
	}
	wantRecords(t, u, planted)
	if n := asked(a)["GetObject"]; n != 40 {
		t.Errorf("%d GetObject to read 80 records of 40 log files again", n)
	}
	a.Forget()
	got := u.run("search", "--format", "jsonl", "--offline")
	if got.code != 3 || got.out != "" || !strings.Contains(got.stderr, "--no-keep") || !strings.Contains(got.stderr, "--offline opens no connection") {
		t.Errorf("offline: exit code %d, %s%s", got.code, got.out, got.stderr)
	}
	if len(a.Requests()) > 0 {
		t.Errorf("offline asked %v", asked(a))
	}
}

// A place that is wrong does not keep the others out: it is named, the exit code is 3, and the rest is in.
func TestOneBadPlace(t *testing.T) {
	a := sourcetest.NewAWS(t)
	planted := trailBucket(a, "trail-logs")
	a.NewBucket("empty", "us-east-1", 10)
	u := signedIn(t, a.URL)
	for _, bad := range []struct{ place, says string }{
		{"s3://no-such", "no such bucket"},
		{"s3://empty", "nothing is there"},
		{"./nowhere", "nowhere: no such file or folder"},
	} {
		for _, places := range [][]string{{"s3://trail-logs/o", bad.place}, {bad.place, "s3://trail-logs/o"}} {
			got := u.run(append([]string{"sync", "--quiet", "--format", "json"}, places...)...)
			if got.code != 3 || !strings.Contains(got.stderr, bad.says) {
				t.Errorf("%q: exit code %d\n%s", places, got.code, got.stderr)
			}
			s := decode[synced](t, got.out)
			if s.Held != 80 || s.Complete {
				t.Errorf("%q: %+v", places, s)
			}
		}
		wantRefusal(t, u.run("sync", "--quiet", bad.place), bad.says)
	}
	got := u.run("sync", "--quiet", "s3://no-such", "s3://empty")
	if got.code != 3 || !strings.Contains(got.stderr, "no such bucket") || !strings.Contains(got.stderr, "nothing is there") || got.out != "" {
		t.Errorf("all bad: exit code %d\n%s%s", got.code, got.out, got.stderr)
	}
	wantRecords(t, u, planted, "--quiet", "--in", "s3://trail-logs/o")
}

// Two buckets, Event history and a folder are one store, each event once.
func TestPlacesOfAllKindsAreOne(t *testing.T) {
	a := sourcetest.NewAWS(t)
	planted := trailBucket(a, "trail-logs")
	other := recordOf(900, 20)
	a.NewBucket("second", "us-east-1", 10)
	a.Put("second", "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/x.json.gz", sourcetest.S3Object{Body: container(other, planted[0])})
	planted = append(planted, historyOf(a, "us-east-1", 3000, 30)...)
	u := signedIn(t, a.URL)
	local := recordOf(901, 20)
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "a.json"), []byte(`{"Records":[`+local+`]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	places := []string{"s3://trail-logs/o", "s3://second", "history:us-east-1", folder}
	s := u.sync(0, append(places, "--from", "2026-11-17", "--lookup-rate", "10000")...)
	want := append(slices.Clone(planted), other, local)
	if s.Held != len(want) || s.Duplicates != 1 || s.Conflicts != 0 {
		t.Errorf("%+v, want %d", s, len(want))
	}
	wantRecords(t, u, want)
}
