package cli_test

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source/sourcetest"
)

// listings are the prefixes that were listed since the last Forget, sorted; the check of the place is left out.
func listings(calls []sourcetest.Call) []string {
	prefixes := []string{}
	for _, c := range calls {
		if c.Op == "s3:ListObjectsV2" {
			prefixes = append(prefixes, c.Key)
		}
	}
	if len(prefixes) > 0 {
		prefixes = prefixes[1:]
	}
	slices.Sort(prefixes)
	return prefixes
}

// through puts a proxy between a user and an endpoint.
func through(t *testing.T, endpoint string, opt sourcetest.ProxyOptions) *sourcetest.Proxy {
	t.Helper()
	p := sourcetest.NewProxy(t, endpoint, opt)
	t.Setenv("AWS_ENDPOINT_URL", p.URL)
	return p
}

func put(t *testing.T, address string, body []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, address, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+os.Getenv("AWS_ACCESS_KEY_ID")+"/20260310/us-east-1/s3/aws4_request")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("PUT %s: %s", address, resp.Status)
	}
}

// The organization's bucket of the simulator comes in whole and once; a late log file in an old day folder is found; one
// day of one account and Region lists that day and the next.
func TestSimulatedOrganizationComesInWhole(t *testing.T) {
	if testing.Short() {
		t.Skip("the simulator takes seconds to start")
	}
	u, endpoint := simulator(t, "org_multi_account")
	truth := decode[simulated](t, string(sourcetest.Get(t, endpoint+"/_sim/case")))
	byBucket, _, _ := simulatedRecords(t, endpoint, truth)
	p := through(t, endpoint, sourcetest.ProxyOptions{})
	for bucket, planted := range byBucket {
		place := "s3://" + bucket
		if s := u.sync(0, place); s.Events != len(planted) || s.Duplicates != 0 || !s.Complete {
			t.Errorf("%d planted: %+v", len(planted), s)
		}
		wantRecords(t, u, planted)
		// One log file was deleted. Verification asks for it, so that it is known to be missing; there is nothing to get.
		got := func() (n int) {
			for _, c := range p.Calls() {
				if _, there := truth.Objects[bucket][c.Key]; c.Op == "s3:GetObject" && (there || strings.Contains(c.Key, "/2026/01/")) {
					n++
				}
			}
			p.Forget()
			return n
		}
		if n := got(); n != len(truth.Objects[bucket]) {
			t.Errorf("%d GetObject of %d objects", n, len(truth.Objects[bucket]))
		}
		if s := u.sync(0, place); s.Events != 0 || s.Files != 0 || s.Held != len(planted) {
			t.Errorf("again: %+v", s)
		}
		if p.Count("s3:GetObject") > 1 || got() != 0 {
			t.Error("again: objects were fetched")
		}

		late := strings.Replace(recordOf(900, 20), "2026-11-20T", "2026-01-02T", 1)
		key := "AWSLogs/o-exampleorg1/444455556666/CloudTrail/us-east-1/2026/01/02/444455556666_CloudTrail_us-east-1_20260102T0300Z_ABCDEFGH12345678.json.gz"
		put(t, endpoint+"/"+bucket+"/"+key, container(late))
		if s := u.sync(0, place); s.Events != 1 || s.Files != 1 || got() != 1 {
			t.Errorf("a late log file: %+v", s)
		}
		wantRecords(t, u, append(planted, late))

		p.Forget()
		u.sync(0, place, "--from", "2026-03-10", "--to", "2026-03-11", "--accounts", "444455556666", "--regions", "us-east-1")
		account := "AWSLogs/o-exampleorg1/444455556666/"
		want := []string{
			"", "AWSLogs/", "AWSLogs/o-exampleorg1/", account,
			account + "CloudTrail-Digest/", account + "CloudTrail-Digest/us-east-1/2026/03/10/", account + "CloudTrail-Digest/us-east-1/2026/03/11/",
			account + "CloudTrail/", account + "CloudTrail/us-east-1/2026/03/10/", account + "CloudTrail/us-east-1/2026/03/11/",
		}
		if diff := cmp.Diff(want, listings(p.Calls())); diff != "" {
			t.Errorf("listed for one day (-want +got):\n%s", diff)
		}
	}
}

// Of a large organization one day of some accounts and Regions is asked for, and nothing else.
func TestOneDayOfAnOrganizationAsksForThatDay(t *testing.T) {
	a := sourcetest.NewAWS(t)
	a.NewBucket("trail-logs", "eu-west-1", 1000)
	var planted []string
	n := 0
	for account := range 20 {
		for _, region := range []string{"us-east-1", "eu-west-1", "ap-south-1"} {
			for _, kind := range []string{"CloudTrail", "CloudTrail-Insight"} {
				for day := 1; day <= 28; day += 3 {
					n++
					id := fmt.Sprint(111122223333 + account)
					record := recordOf(n, day)
					a.Put("trail-logs", fmt.Sprintf("org/AWSLogs/o-abc123/%s/%s/%s/2026/11/%02d/%s_%s_%s_202611%02dT0900Z_ABCDEFGH12345678.json.gz",
						id, kind, region, day, id, kind, region, day), sourcetest.S3Object{Body: container(record)})
					if account < 2 && region == "us-east-1" && kind == "CloudTrail" && day == 10 {
						planted = append(planted, record)
					}
				}
			}
		}
	}
	u := signedIn(t, a.URL)
	p := through(t, a.URL, sourcetest.ProxyOptions{})
	s := u.sync(0, "s3://trail-logs", "--from", "2026-11-09", "--to", "2026-11-10",
		"--accounts", "111122223333,111122223334", "--regions", "us-east-1", "--types", "cloudtrail")
	if s.Files != len(planted) || p.Count("s3:GetObject") != len(planted) {
		t.Errorf("%d log files, %d GetObject, want %d", s.Files, p.Count("s3:GetObject"), len(planted))
	}
	wantRecords(t, u, planted)
	want := []string{"", "org/", "org/AWSLogs/", "org/AWSLogs/o-abc123/"}
	for _, account := range []string{"111122223333", "111122223334"} {
		folder := "org/AWSLogs/o-abc123/" + account + "/"
		want = append(want, folder, folder+"CloudTrail/", folder+"CloudTrail/us-east-1/2026/11/09/", folder+"CloudTrail/us-east-1/2026/11/10/")
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, listings(p.Calls())); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
}

// Faults of five per cent, resets and bodies that are cut change nothing in the result.
func TestFaultsOfABucketChangeNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("retries wait seconds")
	}
	a := sourcetest.NewAWS(t)
	a.NewBucket("trail-logs", "eu-west-1", 100)
	var planted []string
	for n := range 400 {
		day := 1 + n%20
		record := recordOf(1000+n, day)
		planted = append(planted, record)
		a.Put("trail-logs", fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/%02d/111122223333_CloudTrail_us-east-1_202611%02dT%02d%02dZ_%016d.json.gz",
			day, day, n/60, n%60, n), sourcetest.S3Object{Body: container(record)})
	}
	u := signedIn(t, a.URL)
	p := through(t, a.URL, sourcetest.ProxyOptions{Seed: 7, FaultRate: 0.05, ResetRate: 0.02, CutRate: 0.02})
	s := u.sync(0, "s3://trail-logs")
	if s.Events != len(planted) || len(s.Problems) > 0 || !s.Complete || s.Duplicates > 0 {
		t.Errorf("%d planted: %+v", len(planted), s)
	}
	wantRecords(t, u, planted)
	if asked := p.Count("s3:GetObject"); asked < len(planted)+10 {
		t.Errorf("%d GetObject: hardly any failed", asked)
	}
}

// What S3 refuses of single objects is named in words, and the rest comes in.
func TestRefusedObjectsAreNamed(t *testing.T) {
	a := sourcetest.NewAWS(t)
	trailBucket(a, "trail-logs")
	u := signedIn(t, a.URL)
	kms := "User: x is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:111122223333:key/k"
	refused := map[string]*sourcetest.Fault{ // by the end of the key
		"MN01.json.gz": {Status: http.StatusForbidden, Code: "InvalidObjectState", Message: "The operation is not valid for the object's storage class"},
		"MN02.json.gz": {Status: http.StatusForbidden, Code: "AccessDenied", Message: kms},
		"MN03.json.gz": {Status: http.StatusNotFound, Code: "NoSuchKey", Message: "The specified key does not exist."},
		"MN04.json.gz": {Status: http.StatusBadRequest, Code: "KMS.DisabledException", Message: "k is disabled."},
		"MN05.json.gz": {Status: http.StatusForbidden, Code: "AccessDenied", Message: "Access Denied"},
	}
	want := map[string]string{
		"MN01.json.gz": "archived", "MN02.json.gz": "kms:Decrypt", "MN03.json.gz": "no longer there",
		"MN04.json.gz": "disabled", "MN05.json.gz": "access denied: s3:GetObject",
	}
	through(t, a.URL, sourcetest.ProxyOptions{Fault: func(c sourcetest.Call) *sourcetest.Fault {
		if c.Op == "s3:GetObject" && len(c.Key) > len("MN01.json.gz") {
			return refused[c.Key[len(c.Key)-len("MN01.json.gz"):]]
		}
		return nil
	}})
	s := u.sync(3, "s3://trail-logs")
	if s.Files != 35 || s.SkippedFiles != 5 || len(s.Problems) != 5 {
		t.Errorf("%+v", s)
	}
	for _, p := range s.Problems {
		if end := p.File[len(p.File)-len("MN01.json.gz"):]; !strings.Contains(p.Reason, want[end]) {
			t.Errorf("%s: %q, want %q", end, p.Reason, want[end])
		}
	}
}

// gateway serves a folder of buckets with a real S3 server, or skips the test.
func gateway(t *testing.T, root string) (endpoint string) {
	t.Helper()
	path, err := exec.LookPath("versitygw")
	if err != nil {
		home, herr := os.UserHomeDir()
		path = filepath.Join(home, "go", "bin", "versitygw")
		if _, err := os.Stat(path); err != nil || herr != nil {
			t.Skip("no versitygw: go install github.com/versity/versitygw/cmd/versitygw@latest")
		}
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, "--port", address, "--access", "AKIAIOSFODNN7EXAMPLE", "--secret", "secret",
		"--keep-alive", "--quiet", "posix", "--nometa", "--default-etag", strings.Repeat("0", 32), root)
	if err := cmd.Start(); err != nil {
		t.Skipf("versitygw does not start: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for range 100 {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err == nil {
			_ = conn.Close()
			return (&url.URL{Scheme: "http", Host: address}).String()
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Skip("versitygw does not come up")
	return ""
}

// A real S3 server is read as AWS is.
func TestBucketOfARealServer(t *testing.T) {
	if testing.Short() {
		t.Skip("the server takes a second to start")
	}
	root := t.TempDir()
	var planted []string
	store := func(n int, day string) {
		record := recordOf(n, 10)
		planted = append(planted, record)
		path := filepath.Join(root, "trail-logs", "AWSLogs", "111122223333", "CloudTrail", "us-east-1", filepath.FromSlash(day),
			fmt.Sprintf("111122223333_CloudTrail_us-east-1_%sT%02d%02dZ_ABCDEFGH12345678.json.gz", strings.ReplaceAll(day, "/", ""), n/60%24, n%60))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, container(record), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 1200 { // more than a page
		store(n, "2026/11/10")
	}
	u := signedIn(t, gateway(t, root))
	if s := u.sync(0, "s3://trail-logs"); s.Events != 1200 || s.Files != 1200 || !s.Complete || s.Duplicates > 0 {
		t.Errorf("%+v", s)
	}
	wantRecords(t, u, planted)
	store(2000, "2026/11/01")
	if s := u.sync(0, "s3://trail-logs"); s.Events != 1 || s.Files != 1 || s.Held != 1201 {
		t.Errorf("a late log file: %+v", s)
	}
	wantRecords(t, u, planted)
}
