package disk

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The limits are inside the package: they only change what a walk holds, never what it lists.
func TestLimitsChangeNothingListed(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	names := []string{"a", "b", "2026", "2025", "11", "20", "x_20261120T1300Z", "x_20251120T1300Z"}
	for round := range 20 {
		root := t.TempDir()
		var want []string
		for n := range 60 {
			key := ""
			for range rng.IntN(4) {
				key += names[rng.IntN(6)] + "/"
			}
			key += fmt.Sprintf("%s-%d", names[rng.IntN(len(names))], n)
			want = append(want, key)
			path := filepath.Join(root, filepath.FromSlash(key))
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		slices.Sort(want)
		for _, lim := range []limits{defaultLimits, {names: 1}, {names: 3, mtimes: 2, undated: 1}, {names: 1000, undated: 0}} {
			d, err := New(root)
			if err != nil {
				t.Fatal(err)
			}
			d.limits = lim
			var got []string
			for f, err := range d.List(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, f.Key)
			}
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("round %d, %+v (-want +got):\n%s", round, lim, diff)
			}
		}
	}
}

func TestLargeFolderStaysInOrderAcrossReadings(t *testing.T) {
	root := t.TempDir()
	for n := range 500 {
		name := fmt.Sprintf("x_202611%02dT%02d00Z_%d", 1+n%30, n%24, n)
		if err := os.WriteFile(filepath.Join(root, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	order := func(lim limits) (keys []string) {
		d, err := New(root)
		if err != nil {
			t.Fatal(err)
		}
		d.limits = lim
		for f, err := range d.List(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, f.Key)
		}
		return keys
	}
	if diff := cmp.Diff(order(defaultLimits), order(limits{names: 64})); diff != "" {
		t.Errorf("read at once and in parts (-once +parts):\n%s", diff)
	}
}

// BenchmarkListFlat lists a folder of many files; TRAILSIFT_FLAT names one of 10^6.
func BenchmarkListFlat(b *testing.B) {
	root := os.Getenv("TRAILSIFT_FLAT")
	if root == "" {
		root = b.TempDir()
		for n := range 2000 {
			name := fmt.Sprintf("111122223333_CloudTrail_us-east-1_2026%02d%02dT1300Z_%016d.json.gz", 1+n%12, 1+n%28, n)
			if err := os.WriteFile(filepath.Join(root, name), []byte("x"), 0o600); err != nil {
				b.Fatal(err)
			}
		}
	}
	d, err := New(root)
	if err != nil {
		b.Fatal(err)
	}
	files := 0
	for b.Loop() {
		for _, err := range d.List(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			files++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(files), "ns/file")
}
