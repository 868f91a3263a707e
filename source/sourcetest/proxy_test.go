package sourcetest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/trailsift/trailsift/source/sourcetest"
)

// behind is a server with one object and a proxy in front of it, and the SDK's configuration that leads there. Requests
// are tried once.
func behind(t *testing.T, opt sourcetest.ProxyOptions) (*sourcetest.Proxy, sdk.Config) {
	t.Helper()
	a := sourcetest.NewAWS(t)
	a.NewBucket("logs", "us-east-1", 1000)
	a.Put("logs", "AWSLogs/x y+é.json.gz", sourcetest.S3Object{Body: bytes.Repeat([]byte("0123456789"), 1000), Meta: map[string]string{"signature": "00"}})
	a.Remember("us-east-1", sourcetest.HistoryEvent{ID: "1", Time: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), Record: "{}"})
	p := sourcetest.NewProxy(t, a.URL, opt)
	cfg := a.Config("us-east-1")
	cfg.BaseEndpoint = sdk.String(p.URL)
	cfg.Retryer = func() sdk.Retryer { return sdk.NopRetryer{} }
	return p, cfg
}

func pathStyle(o *s3.Options) {
	o.UsePathStyle, o.DisableLogOutputChecksumValidationSkipped = true, true
}

// askAll sends one request of each kind, each through a client of its own, which has learned nothing yet about the
// server's clock, and gives the errors by operation.
func askAll(ctx context.Context, cfg sdk.Config) map[string]error {
	trail := cloudtrail.NewFromConfig(cfg)
	errs := map[string]error{}
	_, errs["s3:HeadBucket"] = s3.NewFromConfig(cfg, pathStyle).HeadBucket(ctx, &s3.HeadBucketInput{Bucket: sdk.String("logs")})
	_, errs["s3:ListObjectsV2"] = s3.NewFromConfig(cfg, pathStyle).ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: sdk.String("logs"), Prefix: sdk.String("AWSLogs/")})
	_, errs["s3:GetObject"] = getObject(ctx, s3.NewFromConfig(cfg, pathStyle))
	from := time.Date(2026, 11, 19, 0, 0, 0, 0, time.UTC)
	_, errs["cloudtrail:LookupEvents"] = trail.LookupEvents(ctx, &cloudtrail.LookupEventsInput{StartTime: &from, EndTime: sdk.Time(from.AddDate(0, 0, 2))})
	_, errs["sts:GetCallerIdentity"] = sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	return errs
}

func getObject(ctx context.Context, c *s3.Client) ([]byte, error) {
	out, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: sdk.String("logs"), Key: sdk.String("AWSLogs/x y+é.json.gz")})
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Body.Close() }()
	return io.ReadAll(out.Body)
}

func codeOf(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	if err != nil {
		return "no answer"
	}
	return ""
}

func TestProxyPassesOnAndCounts(t *testing.T) {
	p, cfg := behind(t, sourcetest.ProxyOptions{Latency: time.Millisecond})
	for op, err := range askAll(t.Context(), cfg) {
		if err != nil {
			t.Errorf("%s: %v", op, err)
		}
		if p.Count(op) != 1 {
			t.Errorf("%s counted %d times", op, p.Count(op))
		}
	}
	if p.Count("s3:ListBucket") != 2 || p.Count("") != 5 {
		t.Errorf("%d s3:ListBucket of %d", p.Count("s3:ListBucket"), p.Count(""))
	}
	for _, c := range p.Calls() {
		if c.Region != "us-east-1" || c.Agent == "" {
			t.Errorf("%+v", c)
		}
		if c.Op == "s3:GetObject" && (c.Key != "AWSLogs/x y+é.json.gz" || c.Resource != "arn:aws:s3:::logs/"+c.Key) {
			t.Errorf("%+v", c)
		}
	}
	if p.Forget(); p.Count("") != 0 {
		t.Error("not forgotten")
	}
}

func TestProxyDenies(t *testing.T) {
	p, cfg := behind(t, sourcetest.ProxyOptions{Deny: []string{"s3:ListBucket", "cloudtrail:LookupEvents"}})
	want := map[string]string{
		"s3:HeadBucket": "Forbidden", "s3:ListObjectsV2": "AccessDenied", "cloudtrail:LookupEvents": "AccessDeniedException",
	}
	for op, err := range askAll(t.Context(), cfg) {
		if codeOf(err) != want[op] {
			t.Errorf("%s: %v", op, err)
		}
	}
	p.Set(sourcetest.ProxyOptions{Only: []string{"sts:GetCallerIdentity", "s3:ListBucket"}})
	for op, err := range askAll(t.Context(), cfg) {
		if passes := op == "sts:GetCallerIdentity" || op == "s3:HeadBucket" || op == "s3:ListObjectsV2"; passes != (err == nil) {
			t.Errorf("%s: %v", op, err)
		}
	}
	if r := p.Refused(); len(r) != 2 || r["s3:GetObject"] != 1 || r["cloudtrail:LookupEvents"] != 1 {
		t.Errorf("refused %v", r)
	}
}

func TestProxyBreaksConnections(t *testing.T) {
	p, cfg := behind(t, sourcetest.ProxyOptions{ResetRate: 1})
	for op, err := range askAll(t.Context(), cfg) {
		if codeOf(err) != "no answer" {
			t.Errorf("reset %s: %v", op, err)
		}
	}
	p.Set(sourcetest.ProxyOptions{CutRate: 1})
	body, err := getObject(t.Context(), s3.NewFromConfig(cfg, pathStyle))
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(body) != 5000 {
		t.Errorf("cut: %d bytes, %v", len(body), err)
	}
}

func TestProxyRefusesAsAWSDoes(t *testing.T) {
	p, cfg := behind(t, sourcetest.ProxyOptions{BucketRegion: "eu-west-1"})
	errs := askAll(t.Context(), cfg)
	if codeOf(errs["s3:GetObject"]) != "PermanentRedirect" || errs["cloudtrail:LookupEvents"] != nil {
		t.Errorf("redirect: %v", errs)
	}
	for _, clock := range []time.Duration{time.Hour, -time.Hour} {
		p.Set(sourcetest.ProxyOptions{Clock: clock})
		errs = askAll(t.Context(), cfg)
		for op, want := range map[string]string{
			"s3:GetObject": "RequestTimeTooSkewed", "cloudtrail:LookupEvents": "InvalidSignatureException", "sts:GetCallerIdentity": "SignatureDoesNotMatch",
		} {
			if codeOf(errs[op]) != want {
				t.Errorf("clock %v: %s: %v", clock, op, errs[op])
			}
		}
	}
	p.Set(sourcetest.ProxyOptions{Fault: func(c sourcetest.Call) *sourcetest.Fault {
		return &sourcetest.Fault{Status: http.StatusBadRequest, Code: "ExpiredToken", Message: "<&> " + c.Op}
	}})
	for op, err := range askAll(t.Context(), cfg) {
		if want := "ExpiredToken"; codeOf(err) != want && op != "s3:HeadBucket" {
			t.Errorf("%s: %v", op, err)
		}
	}
}

// Equal seeds fail equal requests in the same way, whatever their order, and as many as asked for.
func TestProxyFaultsAreSeeded(t *testing.T) {
	verdicts := func(seed uint64) (codes []string) {
		p, cfg := behind(t, sourcetest.ProxyOptions{Seed: seed, FaultRate: 0.3})
		c := s3.NewFromConfig(cfg, pathStyle)
		for range 200 {
			_, err := getObject(t.Context(), c)
			codes = append(codes, codeOf(err))
		}
		if calls := p.Calls(); calls[199].Nth != 199 {
			t.Errorf("%d times before", calls[199].Nth)
		}
		return codes
	}
	one, two := verdicts(1), verdicts(2)
	if !slices.Equal(one, verdicts(1)) || slices.Equal(one, two) {
		t.Error("the seed does not decide")
	}
	failed := len(slices.DeleteFunc(one, func(code string) bool { return code == "" }))
	if failed < 40 || failed > 80 {
		t.Errorf("%d of 200 fail at 30 %%", failed)
	}
	if !slices.Contains(one, "SlowDown") || !slices.Contains(one, "InternalError") {
		t.Errorf("faults %q", one)
	}
}
