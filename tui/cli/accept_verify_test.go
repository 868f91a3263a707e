package cli_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
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
	if err := json.Unmarshal(fetched(t, endpoint+"/_sim/access-keys"), &accessKeys); err != nil {
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
		stats := decode[map[string]int](t, string(fetched(t, endpoint+"/_sim/stats")))
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
