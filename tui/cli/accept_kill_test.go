//go:build unix

package cli_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source/sourcetest"
)

// killRound is how often one sync is killed before it may end; the next round begins with no store.
const killRound = 4

// killBucket plants log files of several accounts, Regions and days, of a few records to some thousand, and one of
// several segments, so that a kill may fall into each stage of bringing in. It gives the records.
func killBucket(a *sourcetest.AWS) (planted []string) {
	a.NewBucket("trail", "us-east-1", 100)
	n := 0
	put := func(day, records int, pad string) {
		account, region := 111122223333+n%2, []string{"us-east-1", "eu-west-1", "ap-south-1"}[n%3]
		var list []string
		for range records {
			r := strings.Replace(record(n, "user"+strconv.Itoa(n%17), "GetUser", "192.0.2.1"), `"readOnly"`, `"requestParameters":{"pad":"`+pad+`"},"readOnly"`, 1)
			list = append(list, r)
			n++
		}
		key := fmt.Sprintf("AWSLogs/%d/CloudTrail/%s/2026/03/%02d/%d_CloudTrail_%s_202603%02dT%02d%02dZ_%016d.json.gz",
			account, region, day, account, region, day, n%24, n%60, n)
		a.Put("trail", key, sourcetest.S3Object{Body: container(list...), Encoding: "gzip"})
		planted = append(planted, list...)
	}
	for i := range 240 {
		put(1+i%9, 1+i%40, "")
	}
	put(4, 2000, strings.Repeat("long ", 1000)) // 10 MB: its content is kept in blocks, its bytes ahead of its row
	put(5, 3000, "")
	return planted
}

// killHistory plants events in the Event history of a Region and gives the records.
func killHistory(a *sourcetest.AWS) (planted []string) {
	for i := range 120 {
		r := record(100_000+i, "carol", "ListRoles", "192.0.2.9")
		at := time.Now().Add(-time.Duration(i) * 20 * time.Minute).Truncate(time.Second)
		a.Remember("us-east-1", sourcetest.HistoryEvent{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", 100_000+i), Time: at, Record: r})
		planted = append(planted, r)
	}
	return planted
}

// killUser is a user with a store of its own.
func killUser(t *testing.T, a *sourcetest.AWS) *home {
	t.Helper()
	return newHome(t).with("AWS_ENDPOINT_URL="+a.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=secret")
}

var killSync = []string{"sync", "s3://trail", "history:us-east-1", "--from", "2026-03-01", "--lookup-rate", "1000", "--format", "json"}

// TestKills kills a sync of a bucket and Event history at random moments (TRAILSIFT_KILLS times, else eight), lets it
// end, and holds what is there to what was planted: nothing lost, nothing doubled, the store sound.
func TestKills(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for some seconds")
	}
	kills := 8
	if n, err := strconv.Atoi(os.Getenv("TRAILSIFT_KILLS")); err == nil {
		kills = n
	}
	seed := uint64(time.Now().UnixNano())
	if n, err := strconv.ParseUint(os.Getenv("TRAILSIFT_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("TRAILSIFT_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	a := sourcetest.NewAWS(t)
	planted := slices.Concat(killBucket(a), killHistory(a))
	slices.Sort(planted)
	want := sum(strings.Join(planted, "\n"))

	began := time.Now()
	h := killUser(t, a)
	h.must(t, killSync...)
	whole := time.Since(began)
	wantAll(t, h, want, len(planted))
	struck := 0
	for done := 0; done < kills; {
		h := killUser(t, a)
		for i := 0; i < killRound && done < kills; i++ {
			// The later kills of a round find less to do, so they come sooner.
			if killed(t, h, time.Duration(random.Int64N(int64(whole)/int64(i+1)))) {
				struck++
			}
			done++
		}
		wantWholeSync(t, a, h)
		wantAll(t, h, want, len(planted))
	}
	t.Logf("%d kills, %d before the end of the sync, which takes %s whole", kills, struck, whole.Round(time.Millisecond))
	if struck < kills/2 {
		t.Errorf("only %d of %d kills met a running sync", struck, kills)
	}
}

// killed starts a sync and kills it after a while; it reports whether the sync was still running.
func killed(t *testing.T, h *home, after time.Duration) bool {
	t.Helper()
	c := h.command(killSync...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	_ = c.Process.Kill()
	err := c.Wait()
	return err != nil && c.ProcessState.ExitCode() == -1
}

// wantWholeSync lets the sync end, and checks that another one fetches nothing.
func wantWholeSync(t *testing.T, a *sourcetest.AWS, h *home) {
	t.Helper()
	var sum struct {
		Duplicates, Conflicts int
		Complete              bool
		Problems              []json.RawMessage
	}
	if err := json.Unmarshal([]byte(h.must(t, killSync...)), &sum); err != nil {
		t.Fatal(err)
	}
	if sum.Duplicates != 0 || sum.Conflicts != 0 || !sum.Complete || len(sum.Problems) > 0 {
		t.Errorf("after the kills: %+v", sum)
	}
	a.Forget()
	h.must(t, killSync...)
	for _, r := range a.Requests() {
		if r.Op == "GetObject" {
			t.Errorf("%s is fetched again", r.Key)
		}
	}
}

// wantAll compares all raw records with those planted, and checks the store.
func wantAll(t *testing.T, h *home, want string, n int) {
	t.Helper()
	got := lines(h.must(t, "search", "--format", "jsonl", "--limit", "0"))
	slices.Sort(got)
	if len(got) != n || sum(strings.Join(got, "\n")) != want {
		t.Errorf("%d records, want the %d planted, each as delivered", len(got), n)
	}
	h.must(t, "index", "check")
}
