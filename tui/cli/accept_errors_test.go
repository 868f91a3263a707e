package cli_test

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/sourcetest"
	"github.com/trailsift/trailsift/tui/cli"
)

// The days of what trailBucket and historyOf plant.
var planted = []string{"--from", "2026-11-17", "--to", "2026-11-24", "--lookup-rate", "100000"}

// An obstacle is something in the way, and what is said about it.
type obstacle struct {
	place string
	fault sourcetest.Fault
	only  string // operation that fails; "": all
	says  string
	hint  string
}

const (
	bucketPlace  = "s3://trail-logs"
	historyPlace = "history:us-east-1"
)

// obstacles are answers that end a run at its start.
var obstacles = map[string]obstacle{
	"bucket denied": {
		bucketPlace,
		sourcetest.Fault{Status: 403, Code: "AccessDenied", Message: "Access Denied"},
		"s3:ListObjectsV2",
		"access denied: s3:ListBucket", "ArchiveList in trailsift help permissions",
	},
	"bucket denied by the organisation": {
		bucketPlace,
		sourcetest.Fault{Status: 403, Code: "AccessDenied", Message: `User: arn:aws:iam::111122223333:user/r is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::trail-logs" with an explicit deny in a service control policy`},
		"s3:ListObjectsV2", "a service control policy of the organisation denies it", "ask who runs the organisation",
	},
	"identity expired": {
		historyPlace,
		sourcetest.Fault{Status: 403, Code: "ExpiredToken", Message: "The security token included in the request is expired"},
		"sts:GetCallerIdentity",
		"the credentials have expired", "sign in again",
	},
	"identity unknown": {
		historyPlace,
		sourcetest.Fault{Status: 403, Code: "InvalidClientTokenId", Message: "The security token included in the request is invalid."},
		"sts:GetCallerIdentity",
		"the credentials are not accepted", "check the profile and its keys",
	},
	"secret wrong": {
		bucketPlace,
		sourcetest.Fault{Status: 403, Code: "SignatureDoesNotMatch", Message: "The request signature we calculated does not match"},
		"s3:ListObjectsV2",
		"the secret key does not fit the access key", "check the profile and its keys",
	},
	"expired": {
		bucketPlace,
		sourcetest.Fault{Status: 400, Code: "ExpiredToken", Message: "The provided token has expired."},
		"s3:ListObjectsV2",
		"the credentials have expired", "sign in again",
	},
	"no bucket": {"s3://not-there", sourcetest.Fault{}, "none", "no such bucket", "check its name"},
	"elsewhere": {
		bucketPlace, sourcetest.Fault{Status: 301, Code: "PermanentRedirect", Message: "must be addressed"}, "", "the bucket is in another Region", "--region",
	},
	"clock": {
		bucketPlace,
		sourcetest.Fault{Status: 403, Code: "RequestTimeTooSkewed", Message: "The difference between the request time and the current time is too large."},
		"s3:ListObjectsV2",
		"the clock of this machine is", "set this machine's clock",
	},
	"portal": {
		bucketPlace,
		sourcetest.Fault{Status: 200, Type: "text/html", Detail: "<html><title>Hotel Wifi</title></html>"},
		"",
		"with a web page, which AWS does not", "sign in to this network",
	},
	"portal, history": {
		historyPlace,
		sourcetest.Fault{Status: 200, Type: "text/html", Detail: "<html><title>Hotel Wifi</title></html>"},
		"",
		"with a web page, which AWS does not", "sign in to this network",
	},
	"wrong endpoint": {
		historyPlace,
		sourcetest.Fault{Status: 404, Type: "text/plain", Detail: "404 page not found\n"},
		"",
		"answers 404 Not Found, not as AWS does", "endpoint",
	},
	"requester pays": {
		bucketPlace, sourcetest.Fault{Status: 403, Code: "InvalidPayer", Message: "no"}, "s3:ListObjectsV2", "the requester is refused as payer", "use another",
	},
}

// What AWS or the way to it answers is one line and one hint, exit code 3, within 3 s.
func TestObstaclesAreSaidInWords(t *testing.T) {
	a := sourcetest.NewAWS(t)
	trailBucket(a, "trail-logs")
	for name, o := range obstacles {
		t.Run(name, func(t *testing.T) {
			p := sourcetest.NewProxy(t, a.URL, sourcetest.ProxyOptions{Fault: func(c sourcetest.Call) *sourcetest.Fault {
				if o.only != "" && !c.Is(o.only) {
					return nil
				}
				return &o.fault
			}})
			u := signedIn(t, p.URL)
			begin := time.Now()
			got := u.run(append([]string{"sync", "--quiet", o.place}, planted...)...)
			wantRefusal(t, got, o.says)
			if took := time.Since(begin); took > 3*time.Second {
				t.Errorf("said after %s", took)
			}
			if !strings.Contains(got.stderr, "\nhint: ") || !strings.Contains(got.stderr, o.hint) {
				t.Errorf("hint %q is not given:\n%s", o.hint, got.stderr)
			}
		})
	}
}

// Where nobody answers it is said soon, whatever the place.
func TestNobodyAnswers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	for endpoint, says := range map[string]string{
		"http://" + listener.Addr().String(): "connection refused by " + listener.Addr().String(),
		"http://no-such-host.invalid":        "the name no-such-host.invalid is not found",
		untrusted.URL:                        "an authority this machine does not know",
	} {
		for _, place := range []string{bucketPlace, historyPlace, "trail:main"} {
			u := signedIn(t, endpoint)
			begin := time.Now()
			wantRefusal(t, u.run(append([]string{"sync", "--quiet", place}, planted...)...), says)
			if took := time.Since(begin); took > 3*time.Second {
				t.Errorf("%s at %s: said after %s", place, endpoint, took)
			}
		}
	}
}

// One object that cannot be read is named with the reason, and the others come in.
func TestOneBadObject(t *testing.T) {
	for name, c := range map[string]struct {
		fault sourcetest.Fault
		says  string
		hint  string
	}{
		"denied":   {sourcetest.Fault{Status: 403, Code: "AccessDenied", Message: "Access Denied"}, "access denied: s3:GetObject", "ArchiveRead"},
		"KMS":      {sourcetest.Fault{Status: 403, Code: "AccessDenied", Message: "User: arn:aws:iam::1:user/r is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:1:key/k because no resource-based policy allows the kms:Decrypt action"}, "access denied: kms:Decrypt on arn:aws:kms:us-east-1:1:key/k", "key policy"},
		"key off":  {sourcetest.Fault{Status: 400, Code: "KMS.DisabledException", Message: "is disabled"}, "the key that encrypts it is disabled", "enable"},
		"archived": {sourcetest.Fault{Status: 403, Code: "InvalidObjectState", Message: "The operation is not valid for the object's storage class"}, "archived by its storage class", "restore"},
		"gone":     {sourcetest.Fault{Status: 404, Code: "NoSuchKey", Message: "The specified key does not exist."}, "no longer there", ""},
		"portal":   {sourcetest.Fault{Status: 200, Type: "text/html", Detail: "<html></html>"}, "with a web page", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := sourcetest.NewAWS(t)
			all := trailBucket(a, "trail-logs")
			p := sourcetest.NewProxy(t, a.URL, sourcetest.ProxyOptions{Fault: func(call sourcetest.Call) *sourcetest.Fault {
				if call.Is("s3:GetObject") && strings.HasSuffix(call.Key, "MN07.json.gz") {
					return &c.fault
				}
				return nil
			}})
			u := signedIn(t, p.URL)
			s := u.sync(3, bucketPlace)
			if s.Events != len(all)-2 || len(s.Problems) != 1 || !strings.Contains(s.Problems[0].Reason, c.says) {
				t.Errorf("%+v", s)
			}
			if c.hint != "" && (len(s.Hints) != 1 || !strings.Contains(s.Hints[0], c.hint)) {
				t.Errorf("hints %q, want one of %s", s.Hints, c.hint)
			}
			p.Set(sourcetest.ProxyOptions{})
			if s := u.sync(0, bucketPlace); s.Events != 2 {
				t.Errorf("again: %+v", s)
			}
			wantRecords(t, u, all)
		})
	}
}

// Faults of five per cent, resets and answers cut in their middle change nothing in what comes in.
func TestFaultsChangeNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("waits between tries")
	}
	a := sourcetest.NewAWS(t)
	bucket := trailBucket(a, "trail-logs")
	lookups := append(historyOf(a, "us-east-1", 1000, 300), historyOf(a, "eu-west-1", 2000, 200)...)
	calm := signedIn(t, a.URL)
	want := calm.sync(0, append([]string{bucketPlace, "history:us-east-1,eu-west-1"}, planted...)...)
	p := sourcetest.NewProxy(t, a.URL, sourcetest.ProxyOptions{Seed: 1, FaultRate: 0.05, ResetRate: 0.02, CutRate: 0.02, Latency: time.Millisecond})
	u := signedIn(t, p.URL)
	got := u.sync(0, append([]string{bucketPlace, "history:us-east-1,eu-west-1"}, planted...)...)
	if got.Events != want.Events || !got.Complete || len(got.Problems) > 0 || got.Duplicates != want.Duplicates || got.Conflicts > 0 {
		t.Errorf("%+v\nwithout faults %+v", got, want)
	}
	wantRecords(t, u, append(slices.Clone(bucket), lookups...))
	again := map[string]int{}
	for _, c := range p.Calls() {
		if c.Nth > 0 {
			again[c.Op]++
		}
	}
	if again["s3:GetObject"] == 0 || again["cloudtrail:LookupEvents"] == 0 {
		t.Errorf("too little failed: %v", again)
	}
}

// A clock that is an hour off is corrected by the SDK as long as AWS tells the time.
func TestClockOff(t *testing.T) {
	a := sourcetest.NewAWS(t)
	all := trailBucket(a, "trail-logs")
	p := sourcetest.NewProxy(t, a.URL, sourcetest.ProxyOptions{Clock: time.Hour})
	u := signedIn(t, p.URL)
	if s := u.sync(0, bucketPlace); s.Events != len(all) || !s.Complete {
		t.Errorf("%+v", s)
	}
}

// strict lets only the calls pass that docs/permissions.md lists.
func strict() sourcetest.ProxyOptions {
	names := map[string]string{"S3": "s3", "CloudTrail": "cloudtrail", "STS": "sts", "Account": "account", "Organizations": "organizations"}
	only := []string{}
	for _, o := range aws.Operations() {
		if service := names[o.Service]; service != "" {
			only = append(only, service+":"+o.Name)
		}
	}
	return sourcetest.ProxyOptions{Only: only}
}

// Every command does with the calls of docs/permissions.md, and with those the page gives for it.
func TestNoCallsButThoseOfThePage(t *testing.T) {
	if testing.Short() {
		t.Skip("the simulator takes seconds to start")
	}
	u, endpoint := simulator(t, "clean")
	p := sourcetest.NewProxy(t, endpoint, strict())
	t.Setenv("AWS_ENDPOINT_URL", p.URL)
	var bucket string
	for name := range decode[simulated](t, string(sourcetest.Get(t, endpoint+"/_sim/case"))).Objects {
		bucket = "s3://" + name
	}
	for _, args := range [][]string{
		{"sync", bucket},
		{"search", "--limit", "1", "--in", bucket},
		{"facets", "event", "--in", bucket},
		{"timeline", "--in", bucket},
		{"sync", "history:us-east-1", "--from", "2026-03-11", "--to", "2026-03-12", "--lookup-rate", "1000"},
		{"sync", "history:all", "--from", "2026-03-11T22:00Z", "--to", "2026-03-12", "--lookup-rate", "1000"},
		{"trails"},
		{"sync", "trail:audit-trail"},
		{"coverage", "trail:audit-trail"},
		{"verify", "trail:audit-trail"},
		{"verify", bucket},
		{"verify", bucket, "--offline"},
		{"index", "list"},
	} {
		p.Forget()
		got := u.run(args...)
		if got.code != 0 && got.code != 4 {
			t.Errorf("%q: exit code %d\n%s", args, got.code, got.stderr)
		}
		calls := p.Calls()
		if len(calls) == 0 == !slices.Contains([]string{"index"}, args[0]) && !slices.Contains(args, "--offline") {
			t.Errorf("%q makes %d calls", args, len(calls))
		}
		if slices.Contains(args, "--offline") && len(calls) > 0 {
			t.Errorf("%q calls %v", args, calls)
		}
		for _, c := range calls {
			if _, name, _ := strings.Cut(c.Op, ":"); !slices.Contains(cli.CallsOf(args[0]), name) {
				t.Errorf("%q calls %s, which the page does not give for it", args, c.Op)
			}
			if !strings.Contains(c.Agent, "trailsift/test") {
				t.Errorf("%s by %s", c.Op, c.Agent)
			}
		}
	}
	if r := p.Refused(); len(r) > 0 {
		t.Errorf("called and not on the page: %v", r)
	}
}

// Each action of the page, taken away, is named with its statement.
func TestEachMissingActionIsNamed(t *testing.T) {
	a := sourcetest.NewAWS(t)
	trailBucket(a, "trail-logs")
	historyOf(a, "us-east-1", 0, 10)
	for _, c := range []struct {
		action, statement string
		args              []string
	}{
		{"s3:ListBucket", "ArchiveList", []string{"sync", bucketPlace}},
		{"s3:GetObject", "ArchiveRead", []string{"sync", bucketPlace}},
		{"cloudtrail:LookupEvents", "History", []string{"sync", historyPlace}},
		{"cloudtrail:ListTrails", "Trails", []string{"sync", "trail:main"}},
	} {
		p := sourcetest.NewProxy(t, a.URL, sourcetest.ProxyOptions{Deny: []string{c.action, "cloudtrail:DescribeTrails"}})
		u := signedIn(t, p.URL)
		got := u.run(append(c.args, planted...)...)
		if said := got.out + got.stderr; got.code != 3 || !strings.Contains(said, "access denied: "+c.action) {
			t.Errorf("without %s: exit code %d\n%s", c.action, got.code, said)
		}
		_, statement, _ := strings.Cut(cli.Permissions(), fmt.Sprintf(`"Sid": %q`, c.statement))
		if statement, _, _ = strings.Cut(statement, "}"); !strings.Contains(statement, c.action) {
			t.Errorf("%s of the page does not allow %s: %s", c.statement, c.action, statement)
		}
	}
}

const (
	roleOne = "arn:aws:iam::444455556666:role/audit"
	roleTwo = "arn:aws:iam::777788889999:role/audit"
)

// Event history of several accounts is one place each, in one store; an account that refuses keeps no other out.
func TestRolesOfSeveralAccounts(t *testing.T) {
	a := sourcetest.NewAWS(t)
	one := historyOf(a, "444455556666/us-east-1", 0, 40)
	two := historyOf(a, "777788889999/us-east-1", 100, 30)
	for _, all := range []*[]string{&one, &two} {
		for i, r := range *all {
			(*all)[i] = strings.ReplaceAll(r, "444455556666/us-east-1", "us-east-1")
		}
	}
	p := sourcetest.NewProxy(t, a.URL, sourcetest.ProxyOptions{})
	u := signedIn(t, p.URL)
	args := append([]string{historyPlace, "--role-arn", roleOne, "--role-arn", roleTwo}, planted...)
	if s := u.sync(0, args...); s.Events != 70 || !s.Complete {
		t.Errorf("%+v", s)
	}
	if n := u.count("event:ListBuckets"); n != 70 {
		t.Errorf("%d events, want those of both accounts", n)
	}
	if n := p.Count("sts:AssumeRole"); n != 2 {
		t.Errorf("%d AssumeRole, want one a role", n)
	}
	p.Forget()
	if n := len(lines(u.ok("search", "--offline", "--in", historyPlace, "--role-arn", roleOne, "--role-arn", roleTwo))); n != 70 || p.Count("") > 0 {
		t.Errorf("offline: %d events after %d calls", n, p.Count(""))
	}

	refuse := func(c sourcetest.Call) *sourcetest.Fault {
		if c.Is("sts:AssumeRole") && strings.Contains(c.Body, "777788889999") {
			return &sourcetest.Fault{Status: 403, Code: "AccessDenied", Message: "User: arn:aws:iam::111122223333:user/r is not authorized to perform: sts:AssumeRole on resource: " + roleTwo}
		}
		return nil
	}
	p.Set(sourcetest.ProxyOptions{Fault: refuse})
	u = signedIn(t, p.URL)
	got := u.run(append([]string{"sync", "--quiet"}, args...)...)
	if got.code != 3 || !strings.Contains(got.stderr, roleTwo+": access denied: sts:AssumeRole") || strings.Contains(got.stderr, roleOne+":") {
		t.Errorf("exit code %d\n%s", got.code, got.stderr)
	}
	if n := u.count("event:ListBuckets"); n != 40 {
		t.Errorf("%d events, want those of the account that does not refuse", n)
	}
	got = u.run("sync", historyPlace, "--role-arn", "audit")
	if got.code != 2 || !strings.Contains(got.stderr, "not the ARN of a role") {
		t.Errorf("exit code %d\n%s", got.code, got.stderr)
	}
}

// A bucket is read as the role there is.
func TestBucketAsRole(t *testing.T) {
	a := sourcetest.NewAWS(t)
	all := trailBucket(a, "trail-logs")
	u := signedIn(t, a.URL)
	if s := u.sync(0, bucketPlace, "--role-arn", roleOne); s.Events != len(all) {
		t.Errorf("%+v", s)
	}
	if got := a.Assumed(); len(got) != 1 || got[0].Role != roleOne || got[0].Session != "trailsift" {
		t.Errorf("%+v", got)
	}
}

// mfaConfig is a profile whose role needs a code.
const mfaConfig = "[profile base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n" +
	"[profile audit]\nrole_arn = " + roleOne + "\nsource_profile = base\nmfa_serial = arn:aws:iam::111122223333:mfa/bob\n"

func TestMFAWithoutATerminal(t *testing.T) {
	a := sourcetest.NewAWS(t)
	trailBucket(a, "trail-logs")
	u := newUser(t)
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(mfaConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", path)
	t.Setenv("AWS_ENDPOINT_URL", a.URL)
	t.Setenv("AWS_REGION", "us-east-1")
	wantRefusal(t, u.run("sync", "--quiet", "--profile", "audit", bucketPlace), "needs a code of the MFA device arn:aws:iam::111122223333:mfa/bob")
}

// The requests of trailsift are found again by their user agent.
func TestOwnTracesAreFound(t *testing.T) {
	u := newUser(t)
	dir := t.TempDir()
	record := sourcetest.Record(1)
	mine := strings.Replace(record, `"readOnly"`, `"userAgent":"aws-sdk-go-v2/1.47.6 ua/2.1 os/linux trailsift/1.2.3 cfg/retry-mode#standard","readOnly"`, 1)
	if err := os.WriteFile(filepath.Join(dir, "x.json"), []byte(`{"Records":[`+mine+`,`+sourcetest.Record(2)+`]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, query, _ := strings.Cut(cli.Permissions(), "search --in history: '")
	query, _, _ = strings.Cut(query, "'")
	if got := lines(u.ok("search", query, "--in", dir)); len(got) != 1 || got[0] != mine {
		t.Errorf("%s finds %q", query, got)
	}
}
