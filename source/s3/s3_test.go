package s3_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/s3"
	"github.com/trailsift/trailsift/source/sourcetest"
)

const region = "eu-west-1"

// server holds files in bucket "logs", listed page keys at a time.
func server(tb testing.TB, page int, files map[string][]byte) *sourcetest.AWS {
	tb.Helper()
	a := sourcetest.NewAWS(tb)
	a.NewBucket("logs", region, page)
	for key, body := range files {
		a.Put("logs", key, sourcetest.S3Object{Body: body})
	}
	return a
}

func bucket(a *sourcetest.AWS, prefix string, opt s3.Options) *s3.Bucket {
	return s3.New(s3.Client(a.Config(region)), "logs", prefix, opt)
}

func keys(t *testing.T, src source.Source) []string {
	t.Helper()
	var keys []string
	for _, f := range sourcetest.List(t, src) {
		keys = append(keys, f.Key)
	}
	return keys
}

func TestBucketConforms(t *testing.T) {
	for _, page := range []int{1, 3, 1000} {
		t.Run(fmt.Sprintf("%d keys a page", page), func(t *testing.T) {
			sourcetest.Conformance(t, func(t *testing.T, files map[string][]byte) source.Source {
				t.Helper()
				a := server(t, page, files)
				a.Put("logs", "AWSLogs/111122223333/CloudTrail/", sourcetest.S3Object{})
				a.Put("logs", "AWSLogs/folder marker/", sourcetest.S3Object{Body: []byte("x")})
				return bucket(a, "", s3.Options{})
			})
		})
	}
}

func TestPlaceIsOneForEverySpelling(t *testing.T) {
	a := server(t, 10, nil)
	want := bucket(a, "a/b", s3.Options{}).Place()
	for _, prefix := range []string{"a/b/", "/a/b"} {
		if got := bucket(a, prefix, s3.Options{}).Place(); got != want {
			t.Errorf("place of %q = %+v, want %+v", prefix, got, want)
		}
	}
	host := strings.TrimPrefix(a.URL, "http://")
	if want.ID != "s3:"+host+"/aws/logs/a/b" || want.Text != "s3://logs/a/b" || !want.Remote {
		t.Errorf("place = %+v", want)
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string][2]string{
		"s3://b": {"b"}, "s3://b/": {"b"}, "s3://b/p/q": {"b", "p/q"}, "s3://b/p/": {"b", "p/"},
	} {
		b, p, err := s3.Parse(text)
		if err != nil || b != want[0] || p != want[1] {
			t.Errorf("Parse(%q) = %q, %q, %v", text, b, p, err)
		}
	}
	for _, bad := range []string{"", "s3:", "s3://", "s3:///p", "b", "s3://b:1/x", "s3://a b"} {
		if b, p, err := s3.Parse(bad); err == nil {
			t.Errorf("Parse(%q) = %q, %q", bad, b, p)
		}
	}
}

func TestPrefixMayBeAnyFolderOrOneObject(t *testing.T) {
	files := sourcetest.Tree()
	const one = "AWSLogs/111122223333/CloudTrail/us-east-1/2025/12/31/"
	all := keys(t, bucket(server(t, 100, files), "", s3.Options{}))
	var object string
	for _, key := range all {
		if strings.HasPrefix(key, one) {
			object = key
		}
	}
	for _, prefix := range []string{"AWSLogs", "AWSLogs/111122223333", "AWSLogs/111122223333/CloudTrail/us-east-1", one, "zz"} {
		var want []string
		for _, key := range all {
			if strings.HasPrefix(key, strings.TrimSuffix(prefix, "/")+"/") {
				want = append(want, key)
			}
		}
		got := keys(t, bucket(server(t, 100, files), prefix, s3.Options{}))
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
			t.Errorf("below %s (-want +got):\n%s", prefix, diff)
		}
	}
	if got := keys(t, bucket(server(t, 100, files), object, s3.Options{})); !slices.Equal(got, []string{object}) {
		t.Errorf("the object itself lists %q", got)
	}
	if got := keys(t, bucket(server(t, 100, files), "AWSLogs/1111", s3.Options{})); len(got) != 0 {
		t.Errorf("half a folder's name lists %q", got)
	}
}

func TestDaysOfAllRegionsComeNewestFirst(t *testing.T) {
	files := map[string][]byte{}
	var want []string
	for d := range 40 {
		at := time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC).AddDate(0, 0, -d)
		for _, r := range []string{"ap-south-1", "us-east-1"} {
			key := fmt.Sprintf("p/AWSLogs/o-abcdefghij/111122223333/CloudTrail/%s/%s/x_%s_y.json.gz", r, at.Format("2006/01/02"), at.Format("20060102T1504Z"))
			files[key] = []byte("x")
			want = append(want, key)
		}
	}
	a := server(t, 1000, files)
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault { // slow answers for the newest must not let older ones pass
		if strings.Contains(r.Key, "us-east-1/2026/11/") {
			return &sourcetest.Fault{Wait: 5 * time.Millisecond}
		}
		return nil
	})
	if diff := cmp.Diff(want, keys(t, bucket(a, "p", s3.Options{}))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTimeRangeListsItsDaysAndTheNext(t *testing.T) {
	files := map[string][]byte{}
	for d := range 30 {
		day := time.Date(2026, 11, 1+d, 0, 0, 0, 0, time.UTC).Format("2006/01/02")
		for _, r := range []string{"us-east-1", "eu-west-1"} {
			files["AWSLogs/111122223333/CloudTrail/"+r+"/"+day+"/x.json.gz"] = []byte("x")
		}
	}
	files["AWSLogs/111122223333/elasticloadbalancing/us-east-1/2026/11/10/lb.log"] = []byte("x")
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	days := func(opt s3.Options) string {
		opt.Now = func() time.Time { return at(25, 12) }
		a := server(t, 1000, files)
		got := map[string]bool{}
		for f, err := range bucket(a, "", opt).List(t.Context()) {
			if err != nil && !errors.Is(err, source.ErrIgnored) {
				t.Error(err)
			} else if err == nil {
				got[f.Key[len(f.Key)-12:len(f.Key)-10]] = true
			}
		}
		asked := 0
		for _, r := range a.Requests() {
			if strings.Contains(r.Key, "/2026/") {
				asked++
			}
			if strings.Contains(r.Key, "elastic") {
				t.Errorf("asked for %s", r.Key)
			}
		}
		list := []string{}
		for d := range got {
			list = append(list, d)
		}
		slices.Sort(list)
		return fmt.Sprintf("%s, %d listings", strings.Join(list, " "), asked)
	}
	for _, c := range []struct {
		from, to time.Time
		want     string
	}{
		{at(10, 9), at(10, 10), "10 11, 4 listings"},
		{at(10, 0), at(11, 0), "10 11, 4 listings"},
		{at(10, 0), at(11, 1), "10 11 12, 6 listings"},
		{at(24, 0), time.Time{}, "24 25, 4 listings"},
		{time.Time{}, at(2, 0), "01 02, 8 listings"}, // year, month and two days of two Regions
		{at(2, 0), at(24, 0), "02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24, 50 listings"},
	} {
		if got := days(s3.Options{From: c.from, To: c.to}); got != c.want {
			t.Errorf("%v to %v: %s; want %s", c.from, c.to, got, c.want)
		}
	}
}

func TestOtherServicesAreNamedAndNotListed(t *testing.T) {
	a := server(t, 10, map[string][]byte{
		"AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/11/20/a.log.gz": []byte("x"),
		"AWSLogs/111122223333/CloudTrail-Insight/us-east-1/2026/11/20/b": []byte("x"),
	})
	var got []string
	for f, err := range bucket(a, "", s3.Options{}).List(t.Context()) {
		got = append(got, fmt.Sprint(f.Key, " ", errors.Is(err, source.ErrIgnored)))
	}
	want := []string{
		"AWSLogs/111122223333/vpcflowlogs/ true",
		"AWSLogs/111122223333/CloudTrail-Insight/us-east-1/2026/11/20/b false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestConnectFindsTheRegionOfTheBucket(t *testing.T) {
	a := server(t, 10, map[string][]byte{"k": []byte("x")})
	session := aws.NewSession(a.Config("us-east-1"))
	b, err := s3.Connect(t.Context(), session, "logs", "", s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := keys(t, b); len(got) != 1 {
		t.Errorf("listed %q", got)
	}
	var e *source.Error
	if _, err := s3.Connect(t.Context(), session, "gone", "", s3.Options{}); !errors.As(err, &e) || e.Reason != "no such bucket" {
		t.Errorf("Connect to no bucket: %v", err)
	}
	a.Fail(deny("HeadBucket"))
	if _, err := s3.Connect(t.Context(), aws.NewSession(a.Config(region)), "logs", "", s3.Options{}); err != nil {
		t.Errorf("HeadBucket denied, the rest allowed: %v", err)
	}
	if err := b.Check(t.Context()); err != nil {
		t.Errorf("Check: %v", err)
	}
	if err := bucket(a, "nothing/here", s3.Options{}).Check(t.Context()); !errors.As(err, &e) || e.Reason != "nothing is there" {
		t.Errorf("Check of an empty prefix: %v", err)
	}
}

func deny(op string) func(sourcetest.Request) *sourcetest.Fault {
	return func(r sourcetest.Request) *sourcetest.Fault {
		if r.Op == op {
			return &sourcetest.Fault{Status: http.StatusForbidden, Code: "AccessDenied", Message: "Access Denied"}
		}
		return nil
	}
}

func TestOpenGivesBytesAndMetadataAsStored(t *testing.T) {
	a := server(t, 10, nil)
	stored := sourcetest.Log(1)
	a.Put("logs", "k", sourcetest.S3Object{Body: stored, Encoding: "gzip", Meta: map[string]string{"signature": "5a0b"}})
	obj, err := bucket(a, "", s3.Options{}).Open(t.Context(), source.File{Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(obj.Body)
	if err != nil || !bytes.Equal(got, stored) {
		t.Errorf("%d bytes, %v; want the %d stored ones", len(got), err, len(stored))
	}
	if diff := cmp.Diff(map[string]string{"x-amz-meta-signature": "5a0b"}, obj.Meta); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if err := obj.Body.Close(); err != nil {
		t.Error(err)
	}
}

func TestCutBodiesGoOnWhereTheyEnded(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789abcdef"), 4096)
	a := server(t, 10, map[string][]byte{"k": big})
	cut := func(times int) func(sourcetest.Request) *sourcetest.Fault {
		return func(r sourcetest.Request) *sourcetest.Fault {
			if r.Op == "GetObject" && r.Nth < times {
				return &sourcetest.Fault{Cut: 1000 + r.Nth}
			}
			return nil
		}
	}
	a.Fail(cut(4))
	b := bucket(a, "", s3.Options{})
	if got, err := sourcetest.Read(t.Context(), b, source.File{Key: "k"}); err != nil || !bytes.Equal(got, big) {
		t.Errorf("cut four times: %d of %d bytes, %v", len(got), len(big), err)
	}
	a.Fail(cut(1000))
	var e *source.Error
	if _, err := sourcetest.Read(t.Context(), b, source.File{Key: "k"}); !errors.As(err, &e) || !strings.HasPrefix(e.Reason, "the connection was cut") {
		t.Errorf("cut each time: %v", err)
	}
}

func TestChangedObjectIsNotMixed(t *testing.T) {
	a := server(t, 10, map[string][]byte{"k": bytes.Repeat([]byte("a"), 9000)})
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Nth > 0 {
			return nil
		}
		return &sourcetest.Fault{Cut: 100}
	})
	obj, err := bucket(a, "", s3.Options{}).Open(t.Context(), source.File{Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	a.Put("logs", "k", sourcetest.S3Object{Body: bytes.Repeat([]byte("b"), 9000), ModTime: time.Unix(1, 0)})
	var e *source.Error
	if _, err := io.ReadAll(obj.Body); !errors.As(err, &e) || e.Reason != "changed while it was read" {
		t.Errorf("reading on in another version: %v", err)
	}
}

func TestFaultsNowAndThenChangeNothing(t *testing.T) {
	files := sourcetest.Tree()
	a := server(t, 2, files)
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Nth < 2 {
			return &sourcetest.Fault{Status: http.StatusServiceUnavailable, Code: "SlowDown", Message: "Please reduce your request rate."}
		}
		return nil
	})
	b := bucket(a, "", s3.Options{})
	n := 0
	for _, f := range sourcetest.List(t, b) {
		n++
		if got, err := sourcetest.Read(t.Context(), b, f); err != nil || !bytes.Equal(got, files[f.Key]) {
			t.Errorf("%q: %d bytes, %v", f.Key, len(got), err)
		}
	}
	if n != len(files)-1 {
		t.Errorf("%d of %d log files listed", n, len(files)-1)
	}
}

func TestRefusedFolderIsNamedAndTheRestListed(t *testing.T) {
	files := sourcetest.Tree()
	const refused = "AWSLogs/444455556666/"
	a := server(t, 10, files)
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Key == refused {
			return &sourcetest.Fault{Status: http.StatusForbidden, Code: "AccessDenied", Message: "Access Denied"}
		}
		return nil
	})
	listed, failed := 0, map[string]string{}
	for f, err := range bucket(a, "", s3.Options{}).List(t.Context()) {
		if err != nil {
			failed[f.Key] = err.Error()
		} else {
			listed++
		}
	}
	want := map[string]string{refused: "s3://logs/" + refused + ": access denied: s3:ListBucket"}
	if diff := cmp.Diff(want, failed); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if listed != len(files)-1-12 {
		t.Errorf("%d log files listed beside the refused account", listed)
	}
	a.Fail(deny("ListObjectsV2"))
	var last source.File
	var lastErr error
	for f, err := range bucket(a, "", s3.Options{}).List(t.Context()) {
		last, lastErr = f, err
	}
	if last.Key != "" || lastErr == nil || lastErr.Error() != "s3://logs: access denied: s3:ListBucket" {
		t.Errorf("a refused bucket ends with %q, %v", last.Key, lastErr)
	}
}

func TestArchivedObjectSaysSo(t *testing.T) {
	a := server(t, 10, nil)
	a.Put("logs", "k", sourcetest.S3Object{Body: []byte("x"), Class: "GLACIER"})
	var e *source.Error
	_, err := bucket(a, "", s3.Options{}).Open(t.Context(), source.File{Key: "k"})
	if !errors.As(err, &e) || e.Reason != "archived by its storage class" || !strings.Contains(e.Hint, "restore") {
		t.Errorf("open of an archived object: %v", err)
	}
}

func TestHostileKeysComeAsTheyAre(t *testing.T) {
	files := map[string][]byte{}
	for _, key := range []string{"a\x1b[31mred", "b\nline", "c+d e%41&<>\"'", "d//e", "../up", "\u202eabc", "ü/ö/", " "} {
		files[key] = []byte("x")
	}
	want := []string{}
	for key := range files {
		if !strings.HasSuffix(key, "/") {
			want = append(want, key)
		}
	}
	slices.Sort(want)
	b := bucket(server(t, 3, files), "", s3.Options{})
	got := keys(t, b)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, key := range got {
		if body, err := sourcetest.Read(t.Context(), b, source.File{Key: key}); err != nil || string(body) != "x" {
			t.Errorf("%q: %q, %v", key, body, err)
		}
	}
}

func TestListStreamsLargeFolders(t *testing.T) {
	files := map[string][]byte{}
	for n := range 60 {
		files[fmt.Sprintf("k%02d", n)] = []byte("x")
	}
	a := server(t, 5, files)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range bucket(a, "", s3.Options{}).List(ctx) {
		break
	}
	if n := len(a.Requests()); n > 9 {
		t.Errorf("the first of 60 log files took %d listings of 5", n)
	}
}
