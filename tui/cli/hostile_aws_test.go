//go:build unix

package cli_test

import (
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source/sourcetest"
)

// TestHostileKeys: the keys of a bucket are written by whoever may put objects there.
func TestHostileKeys(t *testing.T) {
	t.Parallel()
	a := sourcetest.NewAWS(t)
	a.NewBucket("trail", "us-east-1", 7)
	v := &values{r: rand.New(rand.NewPCG(3, 4))}
	const day = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/05/"
	for i := range 40 {
		body := sourcetest.Gzip([]byte(`{"Records":[` + v.record(i) + `]}`))
		if i%4 == 0 {
			body = body[:len(body)/2]
		}
		for _, folder := range []string{"", day, "AWSLogs/" + v.next() + "/"} {
			a.Put("trail", folder+strings.ReplaceAll(v.next(), "\x00", "")+".json.gz", sourcetest.S3Object{Body: body})
		}
	}
	h := newHome(t).with("AWS_ENDPOINT_URL="+a.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=secret")
	for _, args := range [][]string{{"sync", "s3://trail"}, {"sync", "s3://trail", "--format", "json", "--index", "other.db"}} {
		p := h.screen(t, 120, 40, args...)
		if code := p.exit(); code != 3 {
			t.Errorf("trailsift %q: exit code %d, want 3:\n%s", args, code, p.text())
		}
		noneRaw(t, args, p.bytes())
	}
	p := h.screen(t, 80, 24, "s3://trail")
	p.wait(`\d+ events`)
	p.settle()
	p.keys("5")
	p.wait(`FILES +\[all`)
	for range 6 {
		p.keys(pgdn)
		p.settle()
		p.clean()
	}
	p.keys("X")
	p.unmoved()
	p.quit()
	audit(t, p.bytes())
}

// TestHostileAnswers: what AWS, or who answers in its place, says in an error.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	const bad = "Q1\x1b[5;31ma\u202eb\u009b5;31mc\u200dd\x7fe\nf\u0085g\x1b]52;c;ZXZpbA==\x07hZ"
	quoted, err := json.Marshal(bad)
	if err != nil {
		t.Fatal(err)
	}
	xmlSafe := html.EscapeString(strings.NewReplacer("\x1b", "", "\x07", "").Replace(bad))
	for name, c := range map[string]struct {
		status int
		body   string
	}{
		"XML, denied":        {403, `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>` + xmlSafe + `</Message></Error>`},
		"XML, unknown":       {400, `<?xml version="1.0"?><Error><Code>` + xmlSafe + `</Code><Message>` + xmlSafe + `</Message></Error>`},
		"XML, raw":           {400, `<?xml version="1.0"?><Error><Code>X</Code><Message>` + bad + `</Message></Error>`},
		"XML of STS":         {403, `<ErrorResponse><Error><Code>` + xmlSafe + `</Code><Message>` + xmlSafe + `</Message></Error></ErrorResponse>`},
		"JSON, denied":       {400, `{"__type":"AccessDeniedException","message":` + string(quoted) + `}`},
		"JSON, unknown":      {400, `{"__type":` + string(quoted) + `,"message":` + string(quoted) + `}`},
		"neither":            {400, bad},
		"a page of a portal": {200, "<html>" + bad + "</html>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Amz-Bucket-Region", "us-east-1\u009b5;31m")
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			}))
			defer s.Close()
			h := newHome(t).with("AWS_ENDPOINT_URL="+s.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=secret")
			for _, args := range [][]string{{"sync", "s3://trail"}, {"s3://trail"}, {"sync", "history:us-east-1"}, {"search", "--in", "s3://trail"}} {
				p := h.screen(t, 120, 40, args...)
				if code := p.exit(); code != 3 {
					t.Errorf("trailsift %q: exit code %d, want 3:\n%s", args, code, p.text())
				}
				if p.tookScreen() {
					t.Errorf("trailsift %q takes the screen over", args)
				}
				noneRaw(t, args, p.bytes())
			}
		})
	}
}
