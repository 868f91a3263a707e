package cli_test

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/index"
)

const realData = "../../../shared/data"

// realLogs is a folder of real logs beside the module; the test is skipped where they are not there.
func realLogs(t *testing.T, dir string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(realData, filepath.FromSlash(dir)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skip("no real logs beside the module: " + err.Error())
	}
	return path
}

// contents are the files below a folder by their slash-separated path.
func contents(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(key string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[key], err = os.ReadFile(filepath.Join(folder, filepath.FromSlash(key)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// A tally is a value and how often it occurs; written [value, count].
type tally struct {
	Value string
	Count int
}

func (y *tally) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[2]any{&y.Value, &y.Count})
}

// facts is what two other programs counted in one source of real logs.
type facts struct {
	Events     int
	Unique     int            `json:"unique_event_ids"`
	Errors     int            `json:"events_with_error_code"`
	Names      int            `json:"distinct_event_names"`
	Sources    int            `json:"distinct_event_sources"`
	ARNs       int            `json:"distinct_user_arns"`
	UserNames  int            `json:"distinct_user_names"`
	Keys       int            `json:"distinct_access_key_ids"`
	Accounts   int            `json:"distinct_recipient_accounts"`
	IPs        int            `json:"distinct_source_ips"`
	Agents     int            `json:"distinct_user_agents"`
	First      string         `json:"first_event_time"`
	Last       string         `json:"last_event_time"`
	Regions    map[string]int `json:"aws_regions"`
	Types      map[string]int `json:"event_types"`
	Versions   map[string]int `json:"event_versions"`
	Categories map[string]int `json:"event_categories"`
	Identities map[string]int `json:"user_identity_types"`
	ReadOnly   map[string]int `json:"read_only"`
	TopErrors  []tally        `json:"top_error_codes"`
	TopNames   []tally        `json:"top_event_names"`
	TopSources []tally        `json:"top_event_sources"`
}

func realFacts(t *testing.T) map[string]facts {
	t.Helper()
	text, err := os.ReadFile(realLogs(t, "facts.json"))
	if err != nil {
		t.Fatal(err)
	}
	return decode[struct{ Sources map[string]facts }](t, string(text)).Sources
}

// A listed is a row of FILES.tsv.
type listed struct {
	events  int
	invalid bool
}

// realFiles are the rows of FILES.tsv by source and key.
func realFiles(t *testing.T) map[string]map[string]listed {
	t.Helper()
	text, err := os.ReadFile(realLogs(t, "FILES.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]listed{}
	for _, line := range lines(string(text))[1:] {
		cells := strings.Split(line, "\t")
		dir, key, _ := strings.Cut(cells[0], "/")
		if all[dir] == nil {
			all[dir] = map[string]listed{}
		}
		n, _ := strconv.Atoi(cells[4]) // empty: none
		all[dir][key] = listed{n, cells[3] == "invalid JSON"}
	}
	return all
}

// Every source gives the number of events that was counted, file by file, and names the files that are not JSON.
func TestRealLogsComeInWhole(t *testing.T) {
	files := realFiles(t)
	for dir, want := range realFacts(t) {
		t.Run(dir, func(t *testing.T) {
			u := newUser(t)
			u.store = filepath.Join(t.TempDir(), "store.db")
			code := 0
			for _, f := range files[dir] {
				if f.invalid {
					code = 3
				}
			}
			sum := u.sync(code, realLogs(t, dir))
			again := lowerCaseEvents(dir) // beyond those that were counted
			if dir == "otrf-security-datasets" {
				again = want.Events // events in archives, of files that lie beside them
			}
			if got := sum.Events + sum.Duplicates - sum.Salvaged; got != want.Events+again {
				t.Errorf("events %d + duplicates %d - salvaged %d = %d, want %d", sum.Events, sum.Duplicates, sum.Salvaged, got, want.Events+again)
			}
			if dir == "otrf-security-datasets" {
				sum.Duplicates -= again
			}
			if !sum.Complete || sum.Held != sum.Events || want.Events == want.Unique && sum.Duplicates+sum.Conflicts > 0 {
				t.Errorf("%+v", sum)
			}
			named := map[string]bool{}
			for _, p := range sum.Problems {
				named[p.File] = true
				if strings.HasPrefix(filepath.Base(p.File), "LICENSE") {
					t.Errorf("a licence is no damaged log file: %+v", p)
				}
			}
			for key, f := range files[dir] {
				if f.invalid && !named[key] {
					t.Errorf("%s is not valid JSON, and no problem says so", key)
				}
			}
			wantPerFile(t, u.store, dir, files[dir])
			if n := u.count("reconstructed:true"); n > lowerCaseEvents(dir) || (n == 0) != (lowerCaseEvents(dir) == 0) {
				t.Errorf("%d events are marked as reconstructed, want %d", n, lowerCaseEvents(dir))
			}
		})
	}
}

// lowerCase are events whose keys are in lower case, by source and file: the two programs that counted did not know
// them. They come in reconstructed.
var lowerCase = map[string]map[string]int{"panther-analysis": {
	"aws_cloudtrail_password_policy_discovery.ndjson": 3, "aws_ec2_startup_script_change.ndjson": 2,
}}

func lowerCaseEvents(dir string) (n int) {
	for _, events := range lowerCase[dir] {
		n += events
	}
	return n
}

// wantPerFile compares the ledger with the events of each file.
func wantPerFile(t *testing.T, store, dir string, files map[string]listed) {
	t.Helper()
	x, err := index.Open(store, index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	rows, _, err := x.Files(t.Context(), index.FilesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, r := range rows {
		if n := r.Events - r.Salvaged; n > 0 && !strings.Contains(r.Key, ".zip/") {
			got[r.Key] = n
		}
	}
	want := map[string]int{}
	for key, f := range files {
		if n := f.events + lowerCase[dir][key]; n > 0 {
			want[key] = n
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("events by file (-counted +ledger):\n%s", diff)
	}
}

// A facet is the output of facets --format json.
type facet struct {
	Events, Missing, Distinct int
	Values                    []tallyJSON
}

type tallyJSON struct {
	Value string
	Count int
}

func (u *user) facet(field string, limit int, query ...string) facet {
	u.t.Helper()
	args := append([]string{"facets", field, "--format", "json", "--limit", strconv.Itoa(limit)}, query...)
	return decode[facet](u.t, u.ok(args...))
}

// count is the number of events a query finds.
func (u *user) count(query string) int {
	u.t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(u.ok("search", "--count", query)))
	if err != nil {
		u.t.Fatal(err)
	}
	return n
}

// column are the values of a path, one for each event that has it, in the order of events.
func (u *user) column(path string, args ...string) (values []string) {
	u.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(u.ok(append([]string{"search", "--format", "csv", "--fields", path}, args...)...))).ReadAll()
	if err != nil {
		u.t.Fatal(err)
	}
	for _, row := range rows[1:] {
		if row[0] != "" {
			values = append(values, row[0])
		}
	}
	return values
}

func distinct(values []string) int { return len(slices.Compact(slices.Sorted(slices.Values(values)))) }

// quoted writes a value for a query.
func quoted(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}

// wantFacts asks for all that was counted in a source without repeated events.
func wantFacts(t *testing.T, u *user, want facts) {
	t.Helper()
	number := func(what string, got, want int) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
	number("events", u.count("*"), want.Events)
	number("errors", u.count("error:*"), want.Errors)
	number("without an error", u.count("-error:*"), want.Events-want.Errors)
	for field, n := range map[string]int{
		"event": want.Names, "service": want.Sources, "arn": want.ARNs, "key": want.Keys, "account": want.Accounts, "ip": want.IPs,
		"id": want.Unique,
	} {
		number("distinct "+field, u.facet(field, 0).Distinct, n)
	}
	number("distinct user names", distinct(u.column("userIdentity.userName")), want.UserNames)
	number("distinct user agents", distinct(u.column("userAgent")), want.Agents)
	for field, top := range map[string][]tally{"error": want.TopErrors, "event": want.TopNames, "service": want.TopSources} {
		got := u.facet(field, 5)
		for i, y := range top {
			short := tallyJSON(y)
			if field == "service" {
				short.Value = strings.TrimSuffix(y.Value, ".amazonaws.com")
			}
			if i >= len(got.Values) || got.Values[i] != short {
				t.Errorf("top %s %d: %+v, want %+v", field, i, got.Values, top)
			}
			number(field+"="+y.Value, u.count(field+"="+quoted(y.Value)), y.Count)
		}
	}
	for path, counts := range map[string]map[string]int{
		"region": want.Regions, "eventtype": want.Types, "eventVersion": want.Versions, `"eventCategory"`: want.Categories,
		"userIdentity.type": want.Identities, `"readOnly"`: want.ReadOnly,
	} {
		for value, n := range counts {
			query := path + "=" + quoted(value)
			if value == "null" || value == "other" {
				query = "-" + path + ":*"
			}
			number(query, u.count(query), n)
		}
	}
	if want.First != "" {
		newest, oldest := u.column("eventTime", "--limit", "1"), u.column("eventTime", "--limit", "1", "--reverse")
		if !slices.Equal(newest, []string{want.Last}) || !slices.Equal(oldest, []string{want.First}) {
			t.Errorf("from %s to %s, want %s to %s", oldest, newest, want.First, want.Last)
		}
	}
}

// plainFields are fields that a plain loop can read.
var plainFields = map[string]func(e *plainEvent) string{
	"arn":     func(e *plainEvent) string { return e.text("userIdentity", "arn") },
	"event":   func(e *plainEvent) string { return cmp.Or(e.text("eventName"), e.text("insightDetails", "eventName")) },
	"error":   func(e *plainEvent) string { return e.text("errorCode") },
	"ip":      func(e *plainEvent) string { return e.text("sourceIPAddress") },
	"region":  func(e *plainEvent) string { return e.text("awsRegion") },
	"key":     func(e *plainEvent) string { return e.text("userIdentity", "accessKeyId") },
	"account": func(e *plainEvent) string { return cmp.Or(e.text("recipientAccountId"), e.text("accountId")) },
	"via":     func(e *plainEvent) string { return e.text("userIdentity", "invokedBy") },
	"service": func(e *plainEvent) string {
		s := cmp.Or(e.text("eventSource"), e.text("insightDetails", "eventSource"))
		return strings.ToLower(strings.TrimSuffix(s, ".amazonaws.com"))
	},
}

// wantPlain compares every answer with a plain loop over the events shown.
func wantPlain(t *testing.T, u *user, shown []plainEvent) {
	t.Helper()
	got := lines(u.ok("search", "--format", "jsonl"))
	if a, b := sum(strings.Join(plainLines(shown), "\n")), sum(strings.Join(got, "\n")); a != b {
		t.Errorf("%d records and their order (-plain +search):\n%s", len(shown), gocmp.Diff(plainLines(shown), got))
	}
	for field, read := range plainFields {
		want := facet{}
		counts := map[string]int{}
		for i := range shown {
			if v := read(&shown[i]); v != "" {
				counts[v]++
				want.Events++
			} else {
				want.Missing++
			}
		}
		for v, n := range counts {
			want.Values = append(want.Values, tallyJSON{v, n})
		}
		want.Distinct = len(counts)
		slices.SortFunc(want.Values, func(a, b tallyJSON) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Value, b.Value)) })
		facet := u.facet(field, 0)
		if len(facet.Values) == 0 {
			facet.Values = nil
		}
		if diff := gocmp.Diff(want, facet); diff != "" {
			t.Errorf("facets %s (-plain +trailsift):\n%s", field, diff)
		}
		for _, v := range want.Values[:min(4, len(want.Values))] {
			if n := u.count(field + "=" + quoted(v.Value)); n != v.Count {
				t.Errorf("%s=%q: %d, want %d", field, v.Value, n, v.Count)
			}
		}
		if n := u.count("-" + field + ":*"); n != want.Missing {
			t.Errorf("-%s:*: %d, want %d", field, n, want.Missing)
		}
	}
	wantPlainTimes(t, u, shown)
}

// wantPlainTimes asks for ranges of time that begin and end at an event.
func wantPlainTimes(t *testing.T, u *user, shown []plainEvent) {
	t.Helper()
	for i := 0; i < len(shown); i += 1 + len(shown)/5 {
		from, to := shown[len(shown)-1-i], shown[i/2]
		if !from.timed || !to.timed || !from.at.Before(to.at) {
			continue // a range that ends before it begins is refused
		}
		want := 0
		for _, e := range shown {
			if e.timed && !e.at.Before(from.at) && e.at.Before(to.at) {
				want++
			}
		}
		a, b := from.at.Format(time.RFC3339Nano), to.at.Format(time.RFC3339Nano)
		got := strings.TrimSpace(u.ok("search", "--count", "--from", a, "--to", b))
		if got != strconv.Itoa(want) {
			t.Errorf("from %s to %s: %s, want %d", a, b, got, want)
		}
		if n := u.count("time:>=" + a + " time:<" + b); n != want {
			t.Errorf("time:>=%s time:<%s: %d, want %d", a, b, n, want)
		}
	}
}

// Facets, filters, order and bytes of each source are those of a plain loop that applies the rule of copies; of sources
// without repeats they are also those that were counted.
func TestRealLogsAnswerAsAPlainLoop(t *testing.T) {
	if testing.Short() {
		t.Skip("asks a plain loop over all real logs")
	}
	for dir, want := range realFacts(t) {
		if want.Events == 0 {
			continue
		}
		t.Run(dir, func(t *testing.T) {
			u := newUser(t)
			u.store = filepath.Join(t.TempDir(), "store.db")
			folder := realLogs(t, dir)
			all, bad := plainFolder(t, folder)
			wantPlainFacts(t, all, want)
			bad = slices.AppendSeq(bad, maps.Keys(lowerCase[dir]))
			if len(bad) > 0 { // what can be saved from them is not for a plain loop
				folder = without(t, folder, bad)
				all, _ = plainFolder(t, folder)
			}
			shown, hidden, conflicts := plainShown(all)
			s := u.run("sync", "--format", "json", folder)
			got := decode[synced](t, s.out)
			if got.Events != len(shown) || got.Duplicates != hidden || got.Conflicts != conflicts || got.Salvaged != 0 {
				t.Errorf("events %d, duplicates %d, conflicts %d, want %d, %d, %d: %s", got.Events, got.Duplicates, got.Conflicts,
					len(shown), hidden, conflicts, s.out)
			}
			wantPlain(t, u, shown)
			if want.Events == want.Unique {
				wantFacts(t, u, want)
			}
		})
	}
}

// wantPlainFacts holds the plain loop itself to what was counted, repeats included.
func wantPlainFacts(t *testing.T, all []plainEvent, want facts) {
	t.Helper()
	ids, errors := map[string]bool{}, 0
	for i := range all {
		if id := all[i].text("eventID"); id != "" {
			ids[id] = true
		}
		if all[i].text("errorCode") != "" {
			errors++
		}
	}
	if len(all) != want.Events || len(ids) != want.Unique || errors != want.Errors {
		t.Errorf("the plain loop finds %d events, %d ids, %d errors, want %d, %d, %d", len(all), len(ids), errors,
			want.Events, want.Unique, want.Errors)
	}
}

// without is a copy of a folder without some of its files.
func without(t *testing.T, folder string, keys []string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), filepath.Base(folder))
	if err := os.CopyFS(to, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if err := os.Remove(filepath.Join(to, filepath.FromSlash(key))); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// knownAnswers are published answers to questions about real logs, by source and query.
var knownAnswers = map[string]map[string]int{
	"invictus-ir-aws_dataset": {
		"error=ThrottlingException":                              62,
		"error:throttlingexception":                              62,
		"error=ThrottlingException event=DescribeParameters":     27,
		"error=Client.UnauthorizedOperation":                     44,
		"arn:*user/bert-jan":                                     1272,
		"user:bert-jan":                                          1272,
		"arn:*user/bert-jan readonly:false":                      253,
		"user=bert-jan -readonly:true":                           253,
		`ip="192.168.10.20"`:                                     1103,
		"ip:192.168.10.20/32":                                    1103,
		`ip:"AWS Internal"`:                                      150,
		"time:>=2023-07-10T12:00:00Z time:<2023-07-10T12:05:00Z": 219,
		"time:2023-07-10T12:00..2023-07-10T12:05":                219,
		"-userIdentity.type:*":                                   4,
		"-request:*":                                             2,
		"error:* -errorMessage:*":                                1,
		"HIDDEN_DUE_TO_SECURITY_REASONS":                         44,
		"*due_to_security*":                                      44,
		"raw:/HIDDEN_DUE_TO_SECURITY_REASONS/":                   44,
		"sessionCredentialFromConsole=true":                      11,
	},
	"opensearch-catalog": {
		"sharedEventID:*":                       72,
		"via=config.amazonaws.com":              62,
		"error:NoSuch*":                         200,
		"time:2021-12-02T22:11":                 48,
		`userIdentity.invokedBy:"AWS Internal"`: 710,
	},
	// All 2,660 of these were counted; 11 are repeats, which are shown once.
	"permiso-cloudconsolecartographer": {"-userIdentity:*": 2649, "-kind:*": 2649, "-ip:* -account:*": 2649},
}

// knownTops are published lists of the most frequent values, by source, field and query.
var knownTops = []struct {
	dir, field, query string
	want              []tallyJSON
}{
	{"invictus-ir-aws_dataset", "arn", "*", []tallyJSON{
		{"arn:aws:iam::123837392027:user/bert-jan", 1272},
		{"arn:aws:iam::123837392027:user/benjamin", 90},
		{"arn:aws:sts::123837392027:assumed-role/stratus-red-team-ec2-get-password-data-role/aws-go-sdk-1688990082523310002", 29},
		{"arn:aws:sts::123837392027:assumed-role/stratus-red-team-ec2-steal-credentials-role/i-0dbc91f429e48eeed", 15},
		{"arn:aws:sts::123837392027:assumed-role/stratus-red-team-get-usr-data-role/aws-go-sdk-1688990565286187801", 15},
	}},
	{"invictus-ir-aws_dataset", "event", "readonly:false", []tallyJSON{
		{"PutParameter", 67}, {"CreateSecret", 20}, {"PutSecretValue", 20}, {"DeleteParameter", 15}, {"DeleteSecret", 13},
	}},
	{"opensearch-catalog", "via", "*", []tallyJSON{
		{"AWS Internal", 710},
		{"config.amazonaws.com", 62},
		{"appsync.amazonaws.com", 18},
		{"logs.amazonaws.com", 12},
		{"autoscaling.amazonaws.com", 11},
	}},
}

// The published answers to questions about real logs are those of trailsift.
func TestRealLogsAnswerKnownQuestions(t *testing.T) {
	for dir, questions := range knownAnswers {
		t.Run(dir, func(t *testing.T) {
			u := newUser(t)
			u.store = filepath.Join(t.TempDir(), "store.db")
			u.sync(0, realLogs(t, dir))
			for query, want := range questions {
				if n := u.count(query); n != want {
					t.Errorf("%s: %d, want %d", query, n, want)
				}
			}
			for _, top := range knownTops {
				if top.dir != dir {
					continue
				}
				if diff := gocmp.Diff(top.want, u.facet(top.field, 5, top.query).Values); diff != "" {
					t.Errorf("top %s of %s (-published +trailsift):\n%s", top.field, top.query, diff)
				}
			}
			switch dir {
			case "opensearch-catalog":
				if n := distinct(u.column("requestParameters.bucketName")); n != 44 {
					t.Errorf("%d buckets, want 44", n)
				}
			case "invictus-ir-aws_dataset":
				largest := 0
				for _, line := range lines(u.ok("search", "--format", "jsonl")) {
					largest = max(largest, len(line))
				}
				if largest != 4270 {
					t.Errorf("largest record: %d bytes, want 4,270", largest)
				}
			}
		})
	}
}
