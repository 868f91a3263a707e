package index_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/index"
)

// movedFrom makes a place of another identity with log files of a shelf under other keys: "old" → "new".
func movedFrom(s *shelf, name string, keys map[string]string) *shelf {
	to := newShelf(name)
	for old, key := range keys {
		f := s.files[old]
		to.files[key] = shelfFile{text: f.text, modTime: f.modTime.AddDate(0, 0, 1)}
	}
	return to
}

// readAll reads the record of every event.
func readAll(t *testing.T, x *index.Index) (read int, missing []string) {
	t.Helper()
	for _, ref := range refs(t, x) {
		if rec := mustRecord(t, x, ref); rec.Missing == "" {
			read++
		} else {
			missing = append(missing, rec.Missing)
		}
	}
	return read, missing
}

// TestRelocateWholePlace moves a folder, with one log file changed, one renamed and one left behind.
func TestRelocateWholePlace(t *testing.T) {
	s := newShelf("logs")
	for i := range 6 {
		s.put(fmt.Sprintf("day/%d.json", i), numbered(10*i, 10*i+10))
	}
	s.put("other.txt", []byte("no log file"))
	all := map[string]string{}
	for i := range 5 {
		all[fmt.Sprintf("day/%d.json", i)] = fmt.Sprintf("day/%d.json", i)
	}
	all["day/3.json"] = "elsewhere/three.json"
	to := movedFrom(s, "evidence", all)
	to.change("day/2.json", func(f *shelfFile) { f.text = bytes.Replace(f.text, []byte("GetObject"), []byte("PutObject"), 1) })
	x := newIndex(t, s, to)
	bringIn(t, x, s, index.IngestOptions{})
	left := shelfFile{text: s.files["day/5.json"].text}
	s.files = map[string]shelfFile{"day/5.json": left}
	if read, missing := readAll(t, x); read != 10 || len(missing) != 50 {
		t.Fatalf("%d read, %d missing", read, len(missing))
	}

	opt := index.RelocateOptions{Place: s.place.ID, To: to, DryRun: true}
	dry, err := x.Relocate(t.Context(), opt)
	if err != nil || dry.Found != 4 || dry.Log != 6 || dry.Renamed != 1 || dry.Missing != 2 || dry.Moved {
		t.Fatalf("dry: %+v, %v", dry, err)
	}
	if read, _ := readAll(t, x); read != 10 {
		t.Errorf("a dry run changed what is read: %d", read)
	}
	opt.DryRun = false
	rel, err := x.Relocate(t.Context(), opt)
	if err != nil || rel.Found != 4 || !rel.Moved || rel.Missing != 2 {
		t.Fatalf("%+v, %v", rel, err)
	}
	read, missing := readAll(t, x)
	if read != 59 || len(missing) != 1 || !strings.HasPrefix(missing[0], "changed at ") { // the other records are what they were
		t.Errorf("%d read, missing %q", read, missing)
	}
	st, err := x.Stats()
	if err != nil || len(st.Places) != 1 || st.Places[0] != to.place || st.Events != 60 {
		t.Errorf("places %v, %d events, %v", st.Places, st.Events, err)
	}
	// The new place has what the store holds: only what is new there comes in.
	to.opened = nil
	sum := bringIn(t, x, to, index.IngestOptions{})
	slices.Sort(to.opened)
	if opened := slices.Compact(to.opened); !slices.Equal(opened, []string{"day/2.json", "elsewhere/three.json"}) || sum.Held != 61 {
		t.Errorf("opened %q, %+v", opened, sum)
	}
}

// TestRelocatePart moves a folder of a place, and then one log file.
func TestRelocatePart(t *testing.T) {
	s := newShelf("logs")
	for i, key := range []string{"a/1.json", "a/2.json", "ab/3.json", "c.json"} {
		s.put(key, numbered(10*i, 10*i+10))
	}
	to := movedFrom(s, "disk", map[string]string{"a/1.json": "1.json", "a/2.json": "2.json"})
	file := movedFrom(s, "disk/c.json", map[string]string{"c.json": "c.json"})
	x := newIndex(t, s, to, file)
	bringIn(t, x, s, index.IngestOptions{})
	s.files = nil
	rel, err := x.Relocate(t.Context(), index.RelocateOptions{Place: s.place.ID, Under: "a", To: to})
	if err != nil || rel.Found != 2 || rel.Log != 2 || rel.Renamed != 0 || rel.Moved {
		t.Errorf("%+v, %v", rel, err)
	}
	rel, err = x.Relocate(t.Context(), index.RelocateOptions{Place: s.place.ID, Under: "c.json", To: file})
	if err != nil || rel.Found != 1 || rel.Log != 1 || rel.Moved {
		t.Errorf("%+v, %v", rel, err)
	}
	if read, missing := readAll(t, x); read != 30 || len(missing) != 10 || !strings.Contains(missing[0], "ab/3.json") {
		t.Errorf("%d read, missing %q", read, missing)
	}
	rows, _, err := x.Files(t.Context(), index.FilesOptions{Text: "a/1"})
	if err != nil || len(rows) != 1 || rows[0].MovedTo != "./disk/1.json" {
		t.Errorf("%+v, %v", rows, err)
	}
	// Where it is back in its place, that counts again.
	s.files = map[string]shelfFile{"a/1.json": {text: numbered(0, 10), modTime: time.Unix(1_800_000_000, 0)}}
	to.files = nil
	if read, _ := readAll(t, x); read != 20 {
		t.Errorf("%d read", read)
	}
	bringIn(t, x, s, index.IngestOptions{})
	if rows, _, _ = x.Files(t.Context(), index.FilesOptions{Text: "a/1"}); rows[0].MovedTo != "" {
		t.Errorf("still moved to %s", rows[0].MovedTo)
	}
}

// TestRelocateKeepsVerdictsAndOrder moves a place that was verified, whose events tie with those of another place.
func TestRelocateKeepsVerdictsAndOrder(t *testing.T) {
	a, b := newShelf("a"), newShelf("b")
	odd := func(name string) []byte {
		return records(`{"eventID":"x","eventTime":"2026-07-01T00:00:00Z","eventName":"` + name + `"}`)
	}
	a.put("k.json", odd("Aaa"))
	b.put("k.json", odd("Bbb"))
	to := movedFrom(a, "z", map[string]string{"k.json": "k.json"})
	x := newIndex(t, a, b, to)
	bringIn(t, x, a, index.IngestOptions{})
	bringIn(t, x, b, index.IngestOptions{})
	err := x.SetIntegrity(t.Context(), index.Integrity{Place: a.place.ID, Files: []index.FileVerdict{{Key: "k.json", Verdict: "unverified", Class: "log.unverified"}}})
	if err != nil {
		t.Fatal(err)
	}
	before := refs(t, x)
	if rel, err := x.Relocate(t.Context(), index.RelocateOptions{Place: a.place.ID, To: to}); err != nil || !rel.Moved {
		t.Fatalf("%+v, %v", rel, err)
	}
	if after := refs(t, x); len(after) != 2 || after[0] != before[0] {
		t.Errorf("order %v, before %v", after, before)
	}
	reports, err := x.Integrity(t.Context())
	if err != nil || len(reports) != 1 || reports[0].Place != to.place.ID || len(reports[0].Files) != 1 {
		t.Errorf("%+v, %v", reports, err)
	}
	rec := mustRecord(t, x, before[0])
	if rec.Place != to.place.ID || rec.Verdict != "unverified" {
		t.Errorf("%s, %s", rec.Place, rec.Verdict)
	}
}

func TestRelocateErrors(t *testing.T) {
	s := newShelf("logs")
	s.put("a.json", numbered(1, 5))
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{})
	for _, opt := range []index.RelocateOptions{{Place: "shelf:other"}, {Place: s.place.ID, Under: "b"}, {Place: s.place.ID, Under: "a"}} {
		opt.To = s
		if _, err := x.Relocate(t.Context(), opt); !errors.Is(err, index.ErrNoPlace) {
			t.Errorf("%+v: %v", opt, err)
		}
	}
	broken := newShelf("broken")
	broken.broken = errCable
	if _, err := x.Relocate(t.Context(), index.RelocateOptions{Place: s.place.ID, To: broken}); !errors.Is(err, errCable) {
		t.Errorf("%v", err)
	}
	empty := newShelf("empty")
	if rel, err := x.Relocate(t.Context(), index.RelocateOptions{Place: s.place.ID, To: empty}); err != nil || rel.Missing != 1 || rel.Moved {
		t.Errorf("%+v, %v", rel, err)
	}
}
