package cli_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source/sourcetest"
)

// An archive is log files by place and key.
type archive map[string]map[string][]byte

func (a archive) put(place, key string, content []byte) {
	if a[place] == nil {
		a[place] = map[string][]byte{}
	}
	a[place][key] = content
}

func container(records ...string) []byte {
	return sourcetest.Gzip([]byte(`{"Records":[` + strings.Join(records, ",") + `]}`))
}

// lookedUp is what "aws cloudtrail lookup-events" prints for records.
func lookedUp(t *testing.T, records ...string) []byte {
	t.Helper()
	items := make([]map[string]any, len(records))
	for i, r := range records {
		items[i] = map[string]any{"EventName": "ListBuckets", "EventTime": 1795132800 + i, "ReadOnly": "true", "CloudTrailEvent": r}
	}
	text, err := json.MarshalIndent(map[string]any{"Events": items}, "", "    ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// numbered is a record with many neighbours: three share each second, and one of ten has an id that is no GUID.
func numbered(n int) string {
	id := fmt.Sprintf("%08x-0000-4000-8000-%012d", uint32(n)*2654435761, n)
	at := fmt.Sprintf("2026-11-20T10:%02d:%02dZ", n/3/60, n/3%60)
	switch {
	case n%10 == 3:
		id = "request-" + strconv.Itoa(n)
	case n%17 == 5:
		at = "never"
	case n%17 == 6:
		at = strings.Replace(at, "Z", ".25Z", 1)
	}
	return fmt.Sprintf(`{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","userName":"bob-%d"},"eventTime":%q,`+
		`"eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.%d",`+
		`"requestParameters":{"bucketName":"logs\/é\u00e9\u2028","size":1234567890123456789.10,"list":[1,{"x":null}]},`+
		`"eventID":%q,"recipientAccountId":"111122223333"}`, n%4, at, n%200, id)
}

// restyled is the same record with other spaces, line breaks and escapes.
func restyled(record string) string {
	return strings.NewReplacer(`,"`, ",\r\n  \"", `":`, `" : `, `\/`, `/`, `é`, `\u00E9`).Replace(record)
}

// unnumbered is a record without an id, that only its log file puts before or behind that of another place.
func unnumbered(place string) string {
	return `{"eventTime":"2026-11-20T10:00:01Z","eventName":"Tick","eventSource":"x.amazonaws.com","awsRegion":"` + place + `"}`
}

// twoTrails is an account with two trails, what Event history has of it, and one forged log file: event 10 under another
// name.
func twoTrails(t *testing.T) archive {
	t.Helper()
	a := archive{}
	key := func(minute, letter int) string {
		return fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/111122223333_CloudTrail_us-east-1_20261120T10%02dZ_%cBCDEFGHIJKLMNOP.json.gz",
			minute, 'A'+letter)
	}
	var looked []string
	for n := 0; n < 60; n += 6 {
		a.put("a", key(n, 0), container(numbered(n), numbered(n+1), numbered(n+2), numbered(n+3), numbered(n+4), unnumbered("a")))
		looked = append(looked, numbered(n+2), restyled(numbered(n+4)), numbered(n+5)) // the last only here
	}
	for n := 0; n < 60; n += 4 {
		more := strings.Replace(numbered(n+2), `{"eventVersion"`, `{"eventContext":{"tag":[]},"eventVersion"`, 1)
		a.put("b", key(n, n%2), container(restyled(numbered(n+1)), numbered(n), more, unnumbered("b"))) // keys of both trails may be equal
	}
	a.put("h", "one.json", lookedUp(t, looked[:13]...))
	a.put("h", "two.json", lookedUp(t, looked[13:]...))
	a.put("f", key(7, 25), container(strings.Replace(numbered(10), "bob-2", "mallory", 1)))
	return a
}

// arrival writes the files of an archive below root in a random order, and brings the places in, in random order, after
// each few of them.
func arrival(t *testing.T, u *user, a archive, root string, rng *rand.Rand, batch int) {
	t.Helper()
	type file struct{ place, key string }
	var files []file
	for _, place := range slices.Sorted(maps.Keys(a)) {
		for _, key := range slices.Sorted(maps.Keys(a[place])) {
			files = append(files, file{place, key})
		}
	}
	rng.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	for len(files) > 0 {
		n := min(len(files), 1+rng.IntN(batch))
		touched := map[string]bool{}
		for _, f := range files[:n] {
			path := filepath.Join(root, f.place, filepath.FromSlash(f.key))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, a[f.place][f.key], 0o600); err != nil {
				t.Fatal(err)
			}
			touched[filepath.Join(root, f.place)] = true
		}
		files = files[n:]
		places := slices.Sorted(maps.Keys(touched))
		rng.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
		if rng.IntN(2) == 0 {
			u.sync(0, places...)
			continue
		}
		for _, p := range places {
			u.sync(0, p)
		}
	}
}

// An outcome is what must not depend on the order of arrival.
type outcome struct {
	Events, Duplicates, Conflicts int
	Records                       string // SHA-256 of search --format jsonl
	Copies                        string // SHA-256 of the log file of each
	Conflicting                   string
}

func outcomeOf(t *testing.T, u *user) outcome {
	t.Helper()
	o := decode[outcome](t, u.ok("index", "info", "--format", "json"))
	o.Records = sum(u.ok("search", "--format", "jsonl"))
	o.Copies = sum(u.ok("search", "--format", "csv", "--fields", "log,conflict"))
	o.Conflicting = strings.TrimSpace(u.ok("search", "--count", "conflict:true"))
	u.ok("index", "check")
	return o
}

func sum(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

// plainOutcome is what the plain reader makes of the places below root.
func plainOutcome(t *testing.T, root string, places []string) (o outcome, forged int) {
	t.Helper()
	var all []plainEvent
	for _, p := range places {
		events, bad := plainFolder(t, filepath.Join(root, p))
		if len(bad) > 0 {
			t.Fatalf("%s: not valid JSON: %q", p, bad)
		}
		all = append(all, events...)
	}
	shown, hidden, conflicts := plainShown(all)
	copies, conflicting := "log,conflict\n", 0
	for _, e := range shown {
		copies += e.key + "," + strconv.FormatBool(e.conflict) + "\n"
		if e.conflict {
			conflicting++
		}
	}
	return outcome{
		Events: len(shown), Duplicates: hidden, Conflicts: conflicts, Conflicting: strconv.Itoa(conflicting),
		Records: sum(strings.Join(plainLines(shown), "\n") + "\n"), Copies: sum(copies),
	}, conflicts
}

// shuffles brings an archive in again and again, in other orders, and compares each outcome with the plain reader's.
func shuffles(t *testing.T, a archive, times, batch int, events int) {
	t.Helper()
	var want outcome
	for n := range times {
		u := newUser(t)
		root := t.TempDir()
		u.store = filepath.Join(root, "store.db")
		rng := rand.New(rand.NewPCG(uint64(n), 20261120))
		files := 1
		if n > 0 {
			files = batch
		}
		arrival(t, u, a, root, rng, files) // the first time file by file
		if n == 0 {
			var conflicts int
			want, conflicts = plainOutcome(t, root, slices.Sorted(maps.Keys(a)))
			if conflicts != 1 || want.Events != events {
				t.Fatalf("the archive is not what this test is about: %+v", want)
			}
		}
		if diff := cmp.Diff(want, outcomeOf(t, u)); diff != "" {
			t.Errorf("shuffle %d: (-plain reader +trailsift)\n%s", n, diff)
		}
	}
}

// Whatever the order in which log files arrive, the same records are printed, in the same order, byte for byte as
// delivered, the same copy of each; the forged one is the only conflict.
func TestOrderOfArrivalNeverShows(t *testing.T) {
	if testing.Short() {
		t.Skip("brings the same files in forty times")
	}
	shuffles(t, twoTrails(t), 20, 20, 63)
}

// The same with a real archive and a repacked copy of it, which a second trail would have delivered.
func TestOrderOfArrivalNeverShowsInRealLogs(t *testing.T) {
	const first, second = "invictus-ir-aws_dataset/CloudTrail", "invictus-ir-aws_dataset-s3-layout"
	a := archive{}
	for place, dir := range map[string]string{"a": realLogs(t, first), "b": realLogs(t, second)} {
		for key, content := range contents(t, dir) {
			if strings.Contains(key, "CloudTrail_us-east-1") {
				a.put(place, key, content)
			}
		}
	}
	events, _ := plainFolder(t, realLogs(t, first))
	var looked []string
	for i := 0; i < len(events); i += 7 {
		looked = append(looked, events[i].line)
	}
	a.put("h", "history.json", lookedUp(t, looked...))
	forged := strings.Replace(events[100].line, `"sourceIPAddress":"`, `"sourceIPAddress":"1`, 1)
	a.put("f", "AWSLogs/123837392027/forged.json.gz", container(forged))
	shuffles(t, a, 4, 40, 1449)
}
