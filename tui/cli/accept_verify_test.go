package cli_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source/sourcetest"
)

// An oracle is what validate-logs said of a simulated case, and what a careful validator should say.
type oracle struct {
	Runs map[string]struct {
		Region  string
		Args    []string
		Exit    int
		Objects map[string][]string
	}
	Ideal struct {
		Objects  map[string]struct{ Verdict, Class string }
		Findings []struct{ Class, From, To string }
	}
}

// verified is what "verify --format json" prints, as far as it is checked.
type verified struct {
	Digests  counts
	LogFiles counts `json:"log_files"`
	Keys     []struct{ Fingerprint, Origin, Region string }
	Ranges   []struct{ Class, From, To string }
	Items    []struct {
		Key, Kind, Verdict, Class, Reason string
		Events                            int
		KeySource                         string `json:"key_source"`
	}
	Problems []struct{ Thing, Reason, Hint string }
	Notes    []string
}

type counts struct{ Valid, Invalid, Warn, Unverified, Info int }

func (v *verified) classes() map[string]int {
	out := map[string]int{}
	for _, it := range v.Items {
		out[it.Class]++
	}
	return out
}

// oracles serves all cases of the simulator, or skips the test.
func oracles(t *testing.T) (u *user, cases map[string]oracle, accessKeys map[string]string) {
	t.Helper()
	if testing.Short() {
		t.Skip("the simulator takes seconds to start")
	}
	u, endpoint := simulator(t, "--all")
	text, err := os.ReadFile(filepath.Join(expectations(), "expected.json"))
	if err != nil {
		t.Skip(err)
	}
	var all struct{ Scenarios map[string]oracle }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(sourcetest.Get(t, endpoint+"/_sim/access-keys"), &accessKeys); err != nil {
		t.Fatal(err)
	}
	return u, all.Scenarios, accessKeys
}

// expectations is the folder of what validate-logs said: that beside the module, or one made anew (.ci/oracle).
func expectations() string {
	return cmp.Or(os.Getenv("TRAILSIFT_EXPECTED"), "../../../shared/aws-sim")
}

func argOf(args []string, name string) string {
	if i := slices.Index(args, name); i >= 0 {
		return args[i+1]
	}
	return ""
}

// bucketOf is the bucket of a simulated case, which has one.
func (o *oracle) bucketOf() string {
	for _, run := range o.Runs {
		for object := range run.Objects {
			bucket, _, _ := strings.Cut(strings.TrimPrefix(object, "s3://"), "/")
			return bucket
		}
	}
	return ""
}

func TestVerifyIsTheOracleAndReachesTheIdeal(t *testing.T) {
	u, cases, accessKeys := oracles(t)
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		c := cases[name]
		t.Run(name, func(t *testing.T) {
			u := &user{t: t, now: u.now}
			t.Setenv("AWS_ACCESS_KEY_ID", accessKeys[name])
			for label, run := range c.Runs {
				limits := []string{"--regions", run.Region, "--start-time", argOf(run.Args, "--start-time"), "--end-time", argOf(run.Args, "--end-time"), "--format", "aws"}
				if account := argOf(run.Args, "--account-id"); account != "" {
					limits = append(limits, "--accounts", account)
				}
				arn := argOf(run.Args, "--trail-arn")
				whole := u.run(append([]string{"verify", "trail:" + arn}, limits...)...)
				if diff := gocmp.Diff(expectedRun(t, name, label), printed(whole)); diff != "" {
					t.Errorf("%s: trail (-want +got):\n%s", label, diff)
				}
				bucket := u.run(append([]string{"verify", "s3://" + c.bucketOf()}, limits...)...)
				if diff := gocmp.Diff(run.Objects, objectsOf(bucket)); diff != "" || bucket.code != run.Exit {
					t.Errorf("%s: bucket: exit %d, want %d (-want +got):\n%s", label, bucket.code, run.Exit, diff)
				}
				c.checkIdeal(t, u, argOf(run.Args, "--start-time"), argOf(run.Args, "--end-time"))
			}
		})
	}
}

// expectedRun is one run of what validate-logs printed for a case.
func expectedRun(t *testing.T, name, label string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(expectations(), "expected", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	_, run, _ := strings.Cut(string(text), "\n## run "+label+"\n")
	run, _, _ = strings.Cut(run, "\n## run ")
	_, run, _ = strings.Cut(run, "\nexit ")
	return "exit " + strings.TrimRight(run, "\n")
}

func printed(s said) string {
	return strings.TrimRight("exit "+strconv.Itoa(s.code)+"\n--- stdout\n"+strings.TrimRight(s.out, "\n")+"\n--- stderr\n"+strings.TrimRight(s.stderr, "\n"), "\n")
}

// objectsOf are the lines of validate-logs about one file each.
func objectsOf(s said) map[string][]string {
	out := map[string][]string{}
	for _, line := range lines(s.out + s.stderr) {
		if parts := strings.Split(line, "\t"); len(parts) == 3 {
			out[parts[1]] = append(out[parts[1]], parts[2])
		}
	}
	return out
}

// checkIdeal compares every item with the truth: what it does not name must be proven valid.
func (o *oracle) checkIdeal(t *testing.T, u *user, from, to string) {
	t.Helper()
	s := u.run("verify", "s3://"+o.bucketOf(), "--from", from, "--to", to, "--format", "json")
	v := decode[verified](t, s.out)
	want, got := map[string]string{}, map[string]string{}
	code := 0
	for key, ideal := range o.Ideal.Objects {
		if ideal.Class != "log.unknown-deleted" { // nothing names it any more
			want[key] = ideal.Verdict + " " + ideal.Class
		}
		if ideal.Verdict == "invalid" {
			code = 1
		}
	}
	for _, it := range v.Items {
		if _, named := want[it.Key]; named || it.Verdict != "valid" {
			got[it.Key] = it.Verdict + " " + it.Class
		}
		if it.Verdict == "valid" && !strings.HasPrefix(it.KeySource, "ListPublicKeys of 111122223333 in ") {
			t.Errorf("%s: proven by a key from %q", it.Key, it.KeySource)
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("ideal (-want +got):\n%s", diff)
	}
	if len(v.Ranges) != len(o.Ideal.Findings) {
		t.Fatalf("ranges %+v, want %+v", v.Ranges, o.Ideal.Findings)
	}
	for i, f := range o.Ideal.Findings {
		if v.Ranges[i] != f {
			t.Errorf("range %+v, want %+v", v.Ranges[i], f)
		}
		if f.Class != "range.gap" {
			code = 1
		}
	}
	if s.code != code || len(v.Items) == 0 {
		t.Errorf("exit %d, want %d, %d items, %s", s.code, code, len(v.Items), s.stderr)
	}
}

// A bucket is verified once; then only what is new is asked for, and without a connection the verdicts are the same.
func TestVerifyAsksOnlyForWhatIsNew(t *testing.T) {
	if testing.Short() {
		t.Skip("the simulator takes seconds to start")
	}
	u, endpoint := simulator(t, "log_modified_byte")
	u.now = time.Date(2026, 3, 10, 7, 0, 0, 0, time.UTC)
	gets := func() int {
		stats := decode[map[string]int](t, string(sourcetest.Get(t, endpoint+"/_sim/stats")))
		return stats["GetObject"]
	}
	bucket := "s3://ct-log-modified-byte"
	first := u.run("verify", bucket, "--format", "json")
	asked := gets()
	second := u.run("verify", bucket, "--format", "json")
	if first.code != 1 || second.code != 1 || first.out != second.out {
		t.Errorf("exit %d, then %d\n%s%s", first.code, second.code, first.stderr, second.stderr)
	}
	if n := gets(); n != asked || asked == 0 {
		t.Errorf("%d objects, then %d more", asked, n-asked)
	}
	if u.run("verify", bucket, "--no-state"); gets() != 2*asked {
		t.Errorf("--no-state read %d of %d objects", gets()-asked, asked)
	}
	v := decode[verified](t, first.out)
	if v.LogFiles.Invalid != 1 || v.classes()["log.modified"] != 1 {
		t.Errorf("%+v", v.classes())
	}

	// Brought in, the store tells the same without asking anybody, with the keys learned before.
	u.sync(0, bucket)
	asked = gets()
	held := decode[verified](t, u.run("verify", "--format", "json").out)
	off := decode[verified](t, u.run("verify", bucket, "--offline", "--format", "json").out)
	for _, got := range []verified{held, off} {
		if diff := gocmp.Diff(v.classes(), got.classes()); diff != "" {
			t.Errorf("held (-want +got):\n%s", diff)
		}
		for _, it := range got.Items {
			if it.Kind == "log" && it.Events == 0 {
				t.Errorf("%s has no events", it.Key)
			}
		}
	}
	if n := gets(); n != asked {
		t.Errorf("%d objects asked for to verify what is held", n-asked)
	}
}

// behindProxy puts a proxy in front of the simulator for a user.
func behindProxy(t *testing.T, scenario string) (u *user, p *sourcetest.Proxy) {
	t.Helper()
	if testing.Short() {
		t.Skip("the simulator takes seconds to start")
	}
	u, endpoint := simulator(t, scenario)
	u.now = time.Date(2026, 3, 10, 7, 0, 0, 0, time.UTC)
	p = sourcetest.NewProxy(t, endpoint, sourcetest.ProxyOptions{})
	t.Setenv("AWS_ENDPOINT_URL", p.URL)
	return u, p
}

// What may not be asked or read is said with the permission to allow, and is never taken for tampering.
func TestVerifyWithoutPermission(t *testing.T) {
	u, p := behindProxy(t, "clean")
	const bucket = "s3://ct-clean"
	p.Set(sourcetest.ProxyOptions{Deny: []string{"cloudtrail:ListPublicKeys"}})
	v := u.run("verify", bucket)
	for _, want := range []string{"access denied: cloudtrail:ListPublicKeys", "hint: allow cloudtrail:ListPublicKeys", "UNVERIFIED  digest.key-unknown", "0 invalid"} {
		if !strings.Contains(v.out, want) {
			t.Errorf("no %q in\n%s", want, v.out)
		}
	}
	if v.code != 3 {
		t.Errorf("without keys: exit %d", v.code)
	}
	if v := u.run("verify", bucket, "--format", "aws"); v.code != 3 || !strings.Contains(v.stderr, "access denied") {
		t.Errorf("validate-logs without keys: exit %d, %s", v.code, v.stderr)
	}

	p.Set(sourcetest.ProxyOptions{Fault: func(c sourcetest.Call) *sourcetest.Fault {
		if c.Is("s3:GetObject") && strings.Contains(c.Key, "T0520Z") {
			return &sourcetest.Fault{Status: 403, Code: "AccessDenied", Message: "Access Denied"}
		}
		return nil
	}})
	got := u.run("verify", bucket, "--format", "json", "--no-state")
	r := decode[verified](t, got.out)
	if got.code != 3 || r.LogFiles.Invalid != 0 || r.LogFiles.Unverified != 1 || r.classes()["log.unreadable"] != 1 || r.LogFiles.Valid != 23 {
		t.Errorf("one log file may not be read: exit %d, %+v", got.code, r.classes())
	}

	p.Set(sourcetest.ProxyOptions{Deny: []string{"s3:ListBucket"}})
	if v := u.run("verify", bucket); v.code != 3 || !strings.Contains(v.stderr, "hint: allow s3:ListBucket") {
		t.Errorf("no listing: exit %d, %s", v.code, v.stderr)
	}
}

// Faults of the network and of AWS are tried again; they change no verdict.
func TestVerifyThroughFaults(t *testing.T) {
	u, p := behindProxy(t, "log_deleted")
	p.Set(sourcetest.ProxyOptions{Seed: 5, FaultRate: 0.03, ResetRate: 0.01, CutRate: 0.01})
	got := u.run("verify", "s3://ct-log-deleted", "--format", "json", "--no-state")
	r := decode[verified](t, got.out)
	if got.code != 1 || r.LogFiles.Invalid != 1 || r.classes()["log.missing"] != 1 || r.LogFiles.Valid != 23 || r.Digests.Valid != 6 {
		t.Errorf("exit %d, %+v %s", got.code, r.classes(), got.stderr)
	}
}

// Bringing in verifies what came with digests; nothing is fetched twice for it, and events know their verdict.
func TestSyncVerifiesWhatComesIn(t *testing.T) {
	u, p := behindProxy(t, "log_modified_byte")
	s := u.run("sync", "s3://ct-log-modified-byte")
	if want := "integrity: 6 of 6 digests valid, 23 of 24 log files, 1 altered; trailsift verify s3://ct-log-modified-byte\n"; s.code != 0 || !strings.Contains(s.out, want) {
		t.Errorf("exit %d, no %q in\n%s%s", s.code, want, s.out, s.stderr)
	}
	if n := p.Count("s3:GetObject"); n != 30 {
		t.Errorf("%d objects fetched, want 24 log files and 6 digests, once each", n)
	}
	altered := u.count("verdict:invalid")
	if altered == 0 || altered+u.count("verdict:valid") != u.count("") {
		t.Errorf("%d invalid, %d valid of %d events", altered, u.count("verdict:valid"), u.count(""))
	}
	p.Forget()
	if again := u.run("sync", "s3://ct-log-modified-byte"); again.code != 0 || !strings.Contains(again.out, "1 altered") || p.Count("s3:GetObject") != 0 || p.Count("cloudtrail:ListPublicKeys") != 0 {
		t.Errorf("again: exit %d, %d objects, %d questions for keys\n%s", again.code, p.Count("s3:GetObject"), p.Count("cloudtrail:ListPublicKeys"), again.out)
	}
}

// A deleted log file is said to be missing after it was looked for, once.
func TestSyncLooksForWhatIsMissing(t *testing.T) {
	u, p := behindProxy(t, "log_deleted")
	s := u.run("sync", "s3://ct-log-deleted")
	if want := "23 of 24 log files, 1 missing;"; s.code != 0 || !strings.Contains(s.out, want) {
		t.Errorf("exit %d, no %q in\n%s%s", s.code, want, s.out, s.stderr)
	}
	if n := p.Count("s3:GetObject"); n != 30 {
		t.Errorf("%d objects asked for, want 23 log files, 6 digests and the missing one", n)
	}
	held := u.run("verify", "--format", "json")
	if r := decode[verified](t, held.out); held.code != 1 || r.classes()["log.missing"] != 1 {
		t.Errorf("held: exit %d, %+v", held.code, r.classes())
	}
}

// Keys come from AWS or from a file the user vouches for, never from inside the place; the demo's counts for the demo.
func TestWhichKeysCount(t *testing.T) {
	u := newUser(t)
	dir := t.TempDir()
	copied := filepath.Join(dir, "copy")
	u.ok("demo", "--events", "2000", "--out", copied, "--quiet")
	own := filepath.Join(copied, "public-keys.json")
	for _, args := range [][]string{{}, {"--public-keys", own}, {"--public-keys", copied}} {
		got := u.run(append([]string{"verify", copied, "--format", "json"}, args...)...)
		r := decode[verified](t, got.out)
		if got.code != 4 || r.Digests.Valid+r.LogFiles.Valid > 0 || r.Digests.Unverified == 0 {
			t.Errorf("%v: exit %d, %+v %+v", args, got.code, r.Digests, r.LogFiles)
		}
	}
	got := u.run("verify", "demo", "--format", "json")
	r := decode[verified](t, got.out)
	c := r.classes()
	if got.code != 1 || c["log.modified"] != 1 || c["log.missing"] != 1 || r.Digests.Valid == 0 || r.Digests.Invalid > 0 {
		t.Errorf("the demo: exit %d, %v", got.code, c)
	}
}

// A key file holds for the run and for the store it was given for; every summary names it.
func TestKeyFilesHoldForTheirStore(t *testing.T) {
	u, folder, keys := simulatedFolder(t, "log_modified_byte")
	if v := u.run("verify", folder, "--no-state"); v.code != 4 || !strings.Contains(v.out, "pass --public-keys") {
		t.Errorf("without keys: exit %d\n%s", v.code, v.out)
	}
	given := u.run("verify", folder, "--public-keys", keys)
	later := u.run("verify", folder)
	for _, v := range []said{given, later} {
		if v.code != 1 || !strings.Contains(v.out, "us-east-1.json, SHA-256 ") || !strings.Contains(v.out, "INVALID     log.modified") {
			t.Errorf("exit %d\n%s%s", v.code, v.out, v.stderr)
		}
	}
	if s := u.run("sync", folder); s.code != 0 || !strings.Contains(s.out, "; keys from us-east-1.json; trailsift verify ") {
		t.Errorf("exit %d\n%s%s", s.code, s.out, s.stderr)
	}
	elsewhere := filepath.Join(t.TempDir(), "other.db")
	if v := u.run("verify", folder, "--index", elsewhere); v.code != 4 || strings.Contains(v.out, "SHA-256") {
		t.Errorf("in another store: exit %d\n%s", v.code, v.out)
	}
}

// simulatedFolder is a plain download of a simulated case, and its public keys.
func simulatedFolder(t *testing.T, scenario string) (u *user, folder, keys string) {
	t.Helper()
	script, err := filepath.Abs("../../../shared/aws-sim/make_case.py")
	if err != nil {
		t.Fatal(err)
	}
	python, missing := exec.LookPath("python3")
	if _, err := os.Stat(script); err != nil || missing != nil {
		t.Skip("no AWS simulator beside the module")
	}
	out := t.TempDir()
	cmd := exec.CommandContext(t.Context(), python, "-B", script, scenario, "--out", out)
	cmd.Dir = filepath.Dir(script)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("the simulator makes no case: %v %s", err, text)
	}
	return newUser(t), filepath.Join(out, scenario, "s3"), filepath.Join(out, scenario, "public-keys")
}
