package index_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/index"
)

// TestFilesPages holds every page of every choice of log files to a plain look through all of them.
func TestFilesPages(t *testing.T) {
	s := newShelf("logs")
	for i := range 700 {
		key := fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/2026/07/%02d/log-%03d.json", i%28+1, i)
		switch {
		case i%10 == 3:
			s.put(key, []byte("no log file "+key))
		case i%50 == 7:
			s.put(key, []byte(`{"digestS3Object":"x","digestStartTime":"`+key+`"}`))
		case i%50 == 9:
			s.put(key, []byte(`{"Records":[`+record(i, "")+`,`))
		default:
			s.put(key, numbered(i, i+1))
		}
	}
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{})
	for i := range 100 {
		s.change(fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/2026/07/%02d/log-%03d.json", i%28+1, i), func(f *shelfFile) {
			f.text, f.modTime = append(f.text, ' '), f.modTime.Add(time.Hour)
		})
	}
	bringIn(t, x, s, index.IngestOptions{})
	all, total, err := x.Files(t.Context(), index.FilesOptions{})
	if err != nil || total != len(all) || total != 800 {
		t.Fatalf("%d rows of %d, %v", len(all), total, err)
	}
	hash := hex.EncodeToString(all[400].SHA256[:])
	for _, states := range [][]index.FileState{nil, {index.StateHeld}, {index.StateProblem, index.StateFailed}, {index.StateDigest}, {index.StateChanged}} {
		for _, text := range []string{"", "l", "log-1", "LOG-1", "log-12", "not valid", "problem", "/07/05/", hash[:7], hash[:8], hash, "nothing"} {
			for _, last := range []bool{false, true} {
				want := wantFiles(all, states, text, last)
				opt := index.FilesOptions{States: states, Text: text, DigestsLast: last}
				for _, page := range [][2]int{{0, 0}, {0, 10}, {250, 300}, {len(want) - 3, 10}, {len(want), 1}} {
					opt.Offset, opt.Limit = max(page[0], 0), page[1]
					rows, n, err := x.Files(t.Context(), opt)
					from := min(opt.Offset, len(want))
					to := len(want)
					if opt.Limit > 0 {
						to = min(to, from+opt.Limit)
					}
					if diff := gocmp.Diff(names(want[from:to]), names(rows)); err != nil || n != len(want) || diff != "" {
						t.Fatalf("%+v: %d, want %d, %v\n%s", opt, n, len(want), err, diff)
					}
				}
			}
		}
	}
}

func names(rows []index.FileRow) (list []string) {
	for _, r := range rows {
		list = append(list, fmt.Sprint(r.Key, " ", r.Version, " ", r.State))
	}
	return list
}

func wantFiles(all []index.FileRow, states []index.FileState, text string, last bool) (want []index.FileRow) {
	text = strings.ToLower(text)
	var digests []index.FileRow
	for _, r := range all {
		chosen := len(states) == 0
		for _, s := range states {
			chosen = chosen || s == r.State
		}
		held := false
		for _, in := range []string{r.Key, r.State.String(), r.Reason, r.Other} {
			held = held || strings.Contains(strings.ToLower(in), text)
		}
		held = held || len(text) >= 8 && strings.HasPrefix(hex.EncodeToString(r.SHA256[:]), text)
		switch {
		case !chosen || !held:
		case last && r.State == index.StateDigest:
			digests = append(digests, r)
		default:
			want = append(want, r)
		}
	}
	return append(want, digests...)
}

// BenchmarkFilesPage reads a page from the middle of a long ledger, and looks for a text in all of it.
func BenchmarkFilesPage(b *testing.B) {
	s := newShelf("logs")
	for i := range 20_000 {
		s.put(fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/2026/07/%02d/111122223333_CloudTrail_us-east-1_%06d.json", i%28+1, i), []byte(`{"Records":[]}`))
	}
	x := newIndex(b, s)
	bringIn(b, x, s, index.IngestOptions{})
	for _, text := range []string{"", "_0123"} {
		b.Run("text "+text, func(b *testing.B) {
			n := 0
			for b.Loop() {
				opt := index.FilesOptions{Offset: 9_000, Limit: 400, DigestsLast: true, Text: text}
				if text != "" {
					n++
					opt.Offset, opt.Text = 0, text[:4+n%2] // another one each time
				}
				if _, _, err := x.Files(b.Context(), opt); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
