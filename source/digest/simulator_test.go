package digest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/digest"
	"github.com/trailsift/trailsift/source/disk"
	"github.com/trailsift/trailsift/source/sourcetest"
)

// A simulated case, as the simulator beside the module writes it.
type simulated struct {
	folder  string
	Name    string
	Truth   map[string]wanted
	Objects map[string]map[string]struct{ Metadata map[string]string }
	Runs    []struct {
		Region string
		Args   []string
	}
	Findings []struct{ Class, From, To string }
}

type wanted struct {
	Verdict, Class string
	Accept         []string
}

// simulatedCases makes all scenarios of the simulator, or skips the test.
func simulatedCases(t *testing.T) []simulated {
	t.Helper()
	out := t.TempDir()
	cmd := sourcetest.SimulatorCommand(t, "make_case.py", "--all", "--out", out)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("the simulator makes no cases: %v %s", err, text)
	}
	names, err := filepath.Glob(filepath.Join(out, "*", "case.json"))
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	var list []simulated
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c := simulated{folder: filepath.Dir(name)}
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatal(name, err)
		}
		list = append(list, c)
	}
	return list
}

func (c *simulated) keys(t *testing.T) *digest.KeySet {
	t.Helper()
	keys, err := digest.ReadKeys(filepath.Join(c.folder, "public-keys"))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// bucketOf gives a bucket of the case with its metadata.
func (c *simulated) bucketOf(t *testing.T, name string) *memory {
	t.Helper()
	m := &memory{bucket: name, remote: true, objects: map[string]stored{}}
	for key, o := range c.Objects[name] {
		body, err := os.ReadFile(filepath.Join(c.folder, "s3", name, filepath.FromSlash(key)))
		if err != nil {
			t.Fatal(err)
		}
		meta := map[string]string{}
		for k, v := range o.Metadata {
			meta[source.MetaPrefix+k] = v
		}
		m.objects[key] = stored{body, meta}
	}
	return m
}

func (c *simulated) span() (from, to time.Time) {
	at := func(flag string) time.Time {
		args := c.Runs[0].Args
		t, _ := time.Parse(time.RFC3339, args[slices.Index(args, flag)+1])
		return t
	}
	return at("--start-time"), at("--end-time")
}

func verify(t *testing.T, src source.Source, opt digest.Options) *digest.Report {
	t.Helper()
	r, err := digest.Verify(t.Context(), src, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSimulatedBucketReachesTheIdeal(t *testing.T) {
	for _, c := range simulatedCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			from, to := c.span()
			for bucket := range c.Objects {
				r := verify(t, c.bucketOf(t, bucket), digest.Options{Keys: c.keys(t), From: from, To: to})
				c.check(t, r, "", nil)
			}
		})
	}
}

// Without metadata the newest digest of each run of links is not provable, nor is what only it lists.
func TestSimulatedDownloadReachesTheIdeal(t *testing.T) {
	for _, c := range simulatedCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			for bucket := range c.Objects {
				src, err := disk.New(filepath.Join(c.folder, "s3", bucket))
				if err != nil {
					t.Fatal(err)
				}
				r := verify(t, src, digest.Options{Keys: c.keys(t)})
				ends := map[int]bool{}
				for _, chain := range r.Chains {
					for i, l := range chain.Digests {
						// The newest, the last before a restart, and the one before a digest that is gone.
						if i == 0 || chain.Digests[i-1].Starting || r.Items[chain.Digests[i-1].Item].Class == digest.DigestMissing {
							ends[l.Item] = true
						}
					}
				}
				c.check(t, r, bucket+"/", ends)
			}
		})
	}
}

// check compares a report with the truth; ends are digests that cannot be proven here.
func (c *simulated) check(t *testing.T, r *digest.Report, prefix string, ends map[int]bool) {
	t.Helper()
	unproven := 0
	seen := map[string]bool{}
	for i, it := range r.Items {
		key := prefix + it.Key
		seen[key] = true
		want := c.Truth[key]
		switch {
		case string(it.Verdict) == want.Verdict && string(it.Class) == want.Class:
			if ends[i] && want.Verdict == "valid" {
				t.Errorf("%s is %s, with nothing to prove it", key, it.Class)
			}
		case ends[i] && it.Class == digest.DigestSignatureAbsent:
			unproven++
		case ends != nil && it.Class == digest.LogUnverified && strings.Contains(it.Reason, "signature-absent") && want.Verdict == "valid":
		default:
			t.Errorf("%s: %s %s (%s), want %s %s", key, it.Verdict, it.Class, it.Reason, want.Verdict, want.Class)
		}
	}
	for key, want := range c.Truth {
		if !seen[key] && !slices.Contains(want.Accept, "absent") {
			t.Errorf("%s is not mentioned", key)
		}
	}
	if ends != nil && unproven == 0 {
		t.Error("no digest is unproven")
	}
	if len(r.Ranges) != len(c.Findings) {
		t.Errorf("ranges %+v, want %+v", r.Ranges, c.Findings)
		return
	}
	for i, f := range c.Findings {
		g := r.Ranges[i]
		if string(g.Class) != f.Class || g.From.Format(time.RFC3339) != f.From || g.To.Format(time.RFC3339) != f.To {
			t.Errorf("range %+v, want %+v", g, f)
		}
	}
}
