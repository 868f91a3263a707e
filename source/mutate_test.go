package source_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/archive"
	"github.com/trailsift/trailsift/source/disk"
)

// A specimen is a sound file that is to be damaged.
type specimen struct {
	name string
	data []byte
	// whole are its records with their ends, where the file is the text that they stand in.
	whole []ended
}

type ended struct {
	end int64
	raw string
	// plain: it is an element of its own, not inside an envelope, which damage behind the record may turn into another.
	plain bool
}

// specimens are files of every shape, archives of them, and real log files where they lie beside the module.
func specimens(tb testing.TB) (all []specimen) {
	tb.Helper()
	records := manyRecords(tb)[:12]
	files := map[string][]byte{
		"trail":            []byte(`{"Records":[` + strings.Join(records, ",") + `]}`),
		"lines":            []byte(strings.Join(records, "\n") + "\n"),
		"concatenated":     []byte(strings.Join(records, "")),
		"list, indented":   []byte("[\n  " + strings.Join(records, ",\n  ") + "\n]\n"),
		"lookup-events":    []byte(marshal(tb, object{"Events": list(records, func(r string) any { return object{"EventId": "1", "CloudTrailEvent": r} }), "NextToken": "x"})),
		"damaged already":  []byte(`{"Records":[` + strings.Join(records[:4], " ") + `,{"eventName":` + strings.Join(records[4:], ",\n")),
		"repeated members": []byte(inGzip(tb, strings.Join(records[:6], "\n")) + inGzip(tb, strings.Join(records[6:], "\n"))),
	}
	bz, err := base64.StdEncoding.DecodeString(inBzip2)
	if err != nil {
		tb.Fatal(err)
	}
	files["bzip2"] = bz
	for name, text := range delivered(tb, records) {
		files[name] = []byte(text)
	}
	for name, text := range rebuiltShapes(tb, records) {
		files[name] = []byte(text)
	}
	for _, name := range []string{"trail", "lines", "lookup-events", "Splunk table"} {
		files[name+", gzip"] = []byte(inGzip(tb, string(files[name])))
	}
	maps.Copy(files, packedLogs(tb, files))
	maps.Copy(files, realSpecimens(tb))
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all = append(all, specimen{name, files[name], wholeRecords(tb, files[name])})
	}
	return all
}

// packedLogs are archives with some of the files in them.
func packedLogs(tb testing.TB, files map[string][]byte) map[string][]byte {
	tb.Helper()
	var z, plain bytes.Buffer
	zw, tw := zip.NewWriter(&z), tar.NewWriter(&plain)
	for i, name := range []string{"trail", "trail, gzip", "export task", "lookup-events", "trail, gzip", "lines"} {
		key := fmt.Sprintf("AWSLogs/%d.json", i)
		w, err := zw.CreateHeader(&zip.FileHeader{Name: key, Method: uint16(i%2) * zip.Deflate})
		if err == nil {
			_, err = w.Write(files[name])
		}
		err = errors.Join(err, tw.WriteHeader(&tar.Header{Name: key, Size: int64(len(files[name])), Mode: 0o600}))
		if _, werr := tw.Write(files[name]); err != nil || werr != nil {
			tb.Fatal(err, werr)
		}
	}
	zst, err := zstd.NewWriter(nil)
	if err = errors.Join(err, zw.Close(), tw.Close()); err != nil {
		tb.Fatal(err)
	}
	return map[string][]byte{
		"zip": z.Bytes(), "tar": plain.Bytes(), "tar.gz": []byte(inGzip(tb, plain.String())), "tar.zst": zst.EncodeAll(plain.Bytes(), nil),
	}
}

// realSpecimens are the real log files of up to 64 KB, none where they are not beside the module.
func realSpecimens(tb testing.TB) map[string][]byte {
	tb.Helper()
	files := map[string][]byte{}
	_ = fs.WalkDir(os.DirFS(dataDir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // without real files there are the generated ones
		}
		if info, err := d.Info(); err == nil && info.Size() <= 64<<10 && info.Size() > 0 {
			if content, err := os.ReadFile(filepath.Join(dataDir, path)); err == nil {
				files["real "+path] = content
			}
		}
		return nil
	})
	return files
}

func wholeRecords(tb testing.TB, data []byte) (all []ended) {
	tb.Helper()
	content, err := io.ReadAll(source.NewContentReader(bytes.NewReader(data)))
	if err != nil || !bytes.Equal(content, data) {
		return nil
	}
	plain := plainElements(data)
	var d source.Decoder
	for e := range d.Events(bytes.NewReader(data)) {
		all = append(all, ended{e.Span.Offset + e.Span.Length, string(e.Raw), plain[string(e.Raw)]})
	}
	return all
}

// plainElements are the values of a text, or the elements of lists and of Records in it, by encoding/json.
func plainElements(data []byte) map[string]bool {
	set := map[string]bool{}
	for d := json.NewDecoder(bytes.NewReader(data)); ; {
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return set
		}
		var list []json.RawMessage
		var trail struct{ Records []json.RawMessage }
		if json.Unmarshal(value, &list) != nil && json.Unmarshal(value, &trail) == nil {
			list = append(trail.Records, value)
		}
		for _, v := range list {
			set[string(v)] = true
		}
	}
}

// tokens are what mean something to a reader of log files.
var tokens = []string{
	"{", "}", "[", "]", `"`, `\`, ",", ":", "\n", "\x00", "\xff", "\xfe\xff", "\x1b[31m", `\u0000`, `\ud800`, "null", "1e999", "-", `{"Records":[`,
	`"eventName":`, `"eventTime":"`, `"userIdentity":{`, `{"a":`, "PK\x03\x04", "PK\x01\x02", "PK\x05\x06", "PK\x07\x08", "\x1f\x8b\x08\x00", "\x28\xb5\x2f\xfd",
	"BZh9", "ustar", "\xff\xff\xff\xff", "\x00\x00\x00\x80", "\x7f\xff\xff\xff\xff\xff\xff\xff", "H4sI", "\xef\xbb\xbf", "\"\n\"", strings.Repeat("[", 2000),
	strings.Repeat(`{"a":`, 1100), strings.Repeat("\x00", 600), `"` + strings.Repeat("x", 5000),
}

// mutated damages a copy of data; first is the first byte that may differ.
func mutated(rng *rand.Rand, data []byte, others []specimen) (out []byte, first int) {
	out = bytes.Clone(data)
	first = len(data)
	for range 1 + rng.IntN(4) {
		if len(out) == 0 {
			break
		}
		at := rng.IntN(len(out))
		to := min(len(out), at+1+rng.IntN(1+rng.IntN(len(out))))
		switch rng.IntN(9) {
		case 0:
			out[at] ^= 1 << rng.IntN(8)
		case 1:
			out[at] = byte(rng.Uint32())
		case 2: // cut off
			out = out[:at]
		case 3: // cut out
			out = append(out[:at:at], out[to:]...)
		case 4: // twice
			out = slices.Concat(out[:to:to], out[at:])
		case 5: // a piece of another file
			other := others[rng.IntN(len(others))].data
			from := rng.IntN(len(other))
			out = slices.Concat(out[:at:at], other[from:min(len(other), from+1+rng.IntN(4<<10))], out[at:])
		case 6: // go on with another file
			other := others[rng.IntN(len(others))].data
			out = slices.Concat(out[:at:at], other[rng.IntN(len(other)):])
		case 7:
			token := tokens[rng.IntN(len(tokens))]
			out = slices.Concat(out[:at:at], []byte(token), out[min(len(out), at+rng.IntN(2)*len(token)):])
		case 8: // zeros, as a disk that failed gives them
			clear(out[at:to])
		}
		first = min(first, at)
	}
	return out, first
}

// A campaign damages files and brings them in.
type campaign struct {
	t         *testing.T
	seed      uint64
	specimens []specimen
	good      []byte
	goodRaws  []string
	dec       source.Decoder
	restore   source.Restorer

	files, records, damaged, other, named, kept int
	lost                                        int    // records before the damage, inside envelopes
	worst                                       uint64 // bytes that one file took
}

// mutatedFiles of a folder stand beside one good file.
const mutatedFiles = 16

func TestMutatedFiles(t *testing.T) {
	rounds, until := 60, time.Time{}
	if testing.Short() {
		rounds = 12
	}
	if text := os.Getenv("TRAILSIFT_MUTATE"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		rounds, until = 1<<40, time.Now().Add(d)
	}
	good := strings.Join([]string{event("Good1"), event("Good2"), event("Good3")}, "\n")
	c := campaign{t: t, seed: 1, specimens: specimens(t), good: []byte(good), goodRaws: strings.Split(good, "\n")}
	if !until.IsZero() {
		c.seed = uint64(until.UnixNano())
	}
	began := time.Now()
	for round := range rounds {
		if !until.IsZero() && time.Now().After(until) {
			break
		}
		c.round(round)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	const most = 768 << 20
	if m.Sys > most {
		t.Errorf("the process holds %d MB", m.Sys>>20)
	}
	if c.lost*100 > c.kept {
		t.Errorf("of records inside envelopes before the damage %d are lost; %d were kept", c.lost, c.kept)
	}
	t.Logf("seed %d: %d mutated files of %d sound ones in %.0f s: %d records, %d files damaged, %d of something else, %d things named, "+
		"%d records before the damage kept, %d inside envelopes lost; at most %d MB for one file, the process held %d MB",
		c.seed, c.files, len(c.specimens), time.Since(began).Seconds(), c.records, c.damaged, c.other, c.named, c.kept, c.lost, c.worst>>20, m.Sys>>20)
}

// round brings in a folder of mutated files and a good one.
func (c *campaign) round(round int) {
	c.t.Helper()
	rng := rand.New(rand.NewPCG(c.seed, uint64(round)))
	root, err := os.MkdirTemp(c.t.TempDir(), "")
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(root) }()
	type made struct {
		specimen
		bytes []byte
		first int
	}
	files := map[string]made{"good.json": {bytes: c.good}}
	for i := range mutatedFiles {
		s := c.specimens[rng.IntN(len(c.specimens))]
		b, first := mutated(rng, s.data, c.specimens)
		files[fmt.Sprintf("%d", i)] = made{s, b, first}
	}
	for name, f := range files {
		if err := os.WriteFile(filepath.Join(root, name), f.bytes, 0o600); err != nil {
			c.t.Fatal(err)
		}
	}
	place, err := disk.New(root)
	if err != nil {
		c.t.Fatal(err)
	}
	src := archive.Of(place)
	good := false
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for f, err := range src.List(c.t.Context()) {
		if err != nil {
			c.named++
			continue
		}
		top, _, _ := strings.Cut(f.Key, "/")
		m := files[top]
		raws := c.read(src, f, fmt.Sprintf("seed %d, round %d, %s, made of %q", c.seed, round, f.Key, m.name), m.bytes)
		switch {
		case top == "good.json":
			good = slices.Equal(raws, c.goodRaws)
		case f.Key == top:
			c.wantBefore(m.whole, m.first, raws, fmt.Sprintf("seed %d, round %d, %s, made of %q, damaged from byte %d", c.seed, round, f.Key, m.name, m.first))
		}
	}
	runtime.ReadMemStats(&after)
	if took := (after.TotalAlloc - before.TotalAlloc) / mutatedFiles; took > c.worst {
		c.worst = took
	}
	const most = 128 << 20
	if c.worst > most {
		c.t.Errorf("seed %d, round %d: %d MB for each file", c.seed, round, c.worst>>20)
	}
	c.files += mutatedFiles
	if !good {
		c.t.Errorf("seed %d, round %d: the good file beside them did not come in", c.seed, round)
	}
	if err := src.Close(); err != nil {
		c.t.Error(err)
	}
}

// read decodes one file; each record must be JSON and be found again.
func (c *campaign) read(src source.Source, f source.File, what string, stored []byte) (raws []string) {
	c.t.Helper()
	stuck := time.AfterFunc(2*time.Minute, func() { panic("does not end: " + what) })
	defer stuck.Stop()
	defer func() {
		if p := recover(); p != nil {
			c.t.Errorf("%s: %v\n%.4000q", what, p, stored)
			panic(p)
		}
	}()
	open := func() io.ReadCloser {
		obj, err := src.Open(c.t.Context(), f)
		if err != nil {
			if _, ok := errors.AsType[*source.Error](err); !ok {
				c.t.Errorf("%s: %v", what, err)
			}
			return nil
		}
		return obj.Body
	}
	body := open()
	if body == nil {
		c.named++
		return nil
	}
	content, _ := io.ReadAll(io.LimitReader(source.NewContentReader(body), 256<<20)) // what stands before damage
	_ = body.Close()
	if body = open(); body == nil {
		c.t.Fatalf("%s: does not open again", what)
	}
	defer body.Close()
	for e := range c.dec.Events(body) {
		raws = append(raws, string(e.Raw))
		at := e.Span
		if at.Offset < 0 || at.Offset+at.Length > int64(len(content)) {
			c.t.Fatalf("%s: span %+v of %d bytes", what, at, len(content))
		}
		c.restore.Load(content[at.Offset:at.Offset+at.Length], at.Form)
		if c.restore.Record(func(r []byte) bool { return bytes.Equal(r, e.Raw) }) == nil || !json.Valid(e.Raw) {
			c.t.Errorf("%s: record %d is not JSON or not found at %+v", what, e.Position, at)
		}
	}
	s := c.dec.Stats()
	if c.dec.Err() != nil || len(s.Problems) > 20 || s.Events != len(raws) {
		c.t.Errorf("%s: %v, %+v", what, c.dec.Err(), s)
	}
	c.records += len(raws)
	if s.Damage != "" {
		c.damaged++
	}
	if s.Content == source.ContentOther {
		c.other++
	}
	return raws
}

// wantBefore holds records that end before the damage to have come in.
func (c *campaign) wantBefore(whole []ended, first int, got []string, what string) {
	c.t.Helper()
	for i, r := range whole {
		if r.end >= int64(first) {
			return
		}
		switch {
		case i < len(got) && got[i] == r.raw:
			c.kept++
			continue
		case r.plain:
			c.t.Errorf("%s: record %d, which ends at %d, is lost", what, i, r.end)
		default:
			c.lost++
		}
		return
	}
}
