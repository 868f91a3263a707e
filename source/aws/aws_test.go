package aws_test

import (
	"context"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/sourcetest"
)

// alone takes away what the environment of the test says about AWS.
func alone(t *testing.T) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	none := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", none)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", none)
}

func withKeys(t *testing.T) {
	t.Helper()
	alone(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
}

func load(t *testing.T, opt aws.Options) *aws.Session {
	t.Helper()
	s, err := aws.Load(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// reason is what a *source.Error says; it must be one.
func reason(t *testing.T, err error) (thing, reason, hint string) {
	t.Helper()
	e, ok := errors.AsType[*source.Error](err)
	if !ok {
		t.Fatalf("%v is no *source.Error", err)
	}
	return e.Thing, e.Reason, e.Hint
}

func TestIdentity(t *testing.T) {
	withKeys(t)
	a := sourcetest.NewAWS(t)
	got, err := load(t, aws.Options{Version: "1.2.3", Endpoint: a.URL}).Identity(t.Context())
	want := aws.Identity{Account: sourcetest.Account, ARN: "arn:aws:iam::111122223333:user/reader", Partition: "aws"}
	if err != nil || got != want {
		t.Errorf("Identity = %+v, %v", got, err)
	}
	if r := a.Requests(); len(r) != 1 || !strings.Contains(r[0].Agent, "trailsift/1.2.3") {
		t.Errorf("requests %+v", r)
	}
}

func TestIdentityRefused(t *testing.T) {
	withKeys(t)
	a := sourcetest.NewAWS(t)
	session := load(t, aws.Options{Endpoint: a.URL})
	for code, want := range map[string]string{
		"ExpiredToken": "the credentials have expired", "InvalidClientTokenId": "the credentials are not accepted",
		"SignatureDoesNotMatch": "the secret key does not fit the access key",
	} {
		a.Fail(func(sourcetest.Request) *sourcetest.Fault {
			return &sourcetest.Fault{Status: http.StatusForbidden, Code: code, Message: "no"}
		})
		_, err := session.Identity(t.Context())
		if _, got, hint := reason(t, err); got != want || hint == "" {
			t.Errorf("%s: %q, hint %q", code, got, hint)
		}
	}
	a.Fail(func(sourcetest.Request) *sourcetest.Fault {
		return &sourcetest.Fault{Status: http.StatusForbidden, Code: "SignatureDoesNotMatch", Message: "Signature expired: 20261120T1 is now earlier than"}
	})
	_, err := session.Identity(t.Context())
	if _, got, _ := reason(t, err); got != "the clock of this machine is off" {
		t.Errorf("skewed clock: %q", got)
	}
}

func TestNoCredentialsAreSaidSoon(t *testing.T) {
	alone(t)
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", silent(t)) // a network that swallows what is sent to the metadata service
	begin := time.Now()
	_, err := load(t, aws.Options{}).Identity(t.Context())
	if _, got, hint := reason(t, err); got != "no credentials found" || !strings.Contains(hint, "sign in") {
		t.Errorf("%q, hint %q", got, hint)
	}
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
}

// silent is a server that accepts connections and never answers.
func silent(t *testing.T) string {
	t.Helper()
	a := sourcetest.NewAWS(t)
	a.Fail(func(sourcetest.Request) *sourcetest.Fault { return &sourcetest.Fault{Wait: time.Minute} })
	return a.URL
}

func TestProfiles(t *testing.T) {
	alone(t)
	path := filepath.Join(t.TempDir(), "config")
	text := "[profile p]\nregion = eu-west-1\naws_access_key_id = AKIA1\naws_secret_access_key = s\n[profile sso]\nsso_session = s\nsso_account_id = 111122223333\nsso_role_name = R\n[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://x.awsapps.com/start\nsso_registration_scopes = x\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", path)
	t.Setenv("HOME", t.TempDir())
	if got := load(t, aws.Options{Profile: "p"}).Region(); got != "eu-west-1" {
		t.Errorf("Region of the profile = %q", got)
	}
	if got := load(t, aws.Options{Profile: "p", Region: "us-east-1"}).Region(); got != "us-east-1" {
		t.Errorf("Region given = %q", got)
	}
	_, err := aws.Load(t.Context(), aws.Options{Profile: "gone"})
	if thing, got, hint := reason(t, err); thing != "profile gone" || got != "no such profile" || hint == "" {
		t.Errorf("%q: %q, hint %q", thing, got, hint)
	}
	_, err = load(t, aws.Options{Profile: "sso", Region: "us-east-1"}).Identity(t.Context())
	if thing, got, hint := reason(t, err); thing != "profile sso" || !strings.Contains(got, "SSO session") || !strings.Contains(hint, "aws sso login") {
		t.Errorf("%q: %q, hint %q", thing, got, hint)
	}
	if err := os.WriteFile(path, []byte("[profile p\n=x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := aws.Load(t.Context(), aws.Options{Profile: "p"}); err != nil {
		reason(t, err)
	}
}

func TestOfflineOpensNoConnection(t *testing.T) {
	withKeys(t)
	a := sourcetest.NewAWS(t)
	begin := time.Now()
	_, err := load(t, aws.Options{Endpoint: a.URL, Offline: true}).Identity(t.Context())
	if _, got, _ := reason(t, err); got != "not asked: --offline" {
		t.Errorf("offline: %q", got)
	}
	alone(t)
	_, err = load(t, aws.Options{Offline: true}).Identity(t.Context())
	reason(t, err)
	if n := len(a.Requests()); n != 0 || time.Since(begin) > 2*time.Second {
		t.Errorf("%d requests offline, in %v", n, time.Since(begin))
	}
}

// A company's own certificates do not keep an offline session from loading.
func TestOfflineWithCertificates(t *testing.T) {
	withKeys(t)
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	path := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", path)
	for offline, want := range map[bool]string{true: "not asked: --offline", false: strings.TrimPrefix(srv.URL, "https://") + " answers 404 Not Found, not as AWS does"} {
		_, err := load(t, aws.Options{Endpoint: srv.URL, Offline: offline}).Identity(t.Context())
		if _, got, _ := reason(t, err); !strings.HasPrefix(got, want) {
			t.Errorf("offline %v: %q, want %q", offline, got, want)
		}
	}
}

func TestNetworkErrorsAreSaidInWords(t *testing.T) {
	withKeys(t)
	dead := sourcetest.NewAWS(t)
	cases := map[string]string{
		"http://127.0.0.1:1":                            "connection refused",
		"http://no-such-host.invalid":                   "the name no-such-host.invalid is not found",
		strings.Replace(dead.URL, "http:", "https:", 1): "the connection is not trusted",
	}
	var mu sync.Mutex
	var asked sync.WaitGroup
	errs := map[string]error{}
	for endpoint := range cases {
		session := load(t, aws.Options{Endpoint: endpoint})
		asked.Go(func() { // each waits before it tries again
			_, err := session.Identity(t.Context())
			mu.Lock()
			defer mu.Unlock()
			errs[endpoint] = err
		})
	}
	asked.Wait()
	for endpoint, want := range cases {
		err := errs[endpoint]
		if _, got, hint := reason(t, err); !strings.Contains(got, want) || hint == "" {
			t.Errorf("%s: %q, hint %q; want %q", endpoint, got, hint, want)
		}
	}
	for _, bad := range []string{"localhost:80", "ftp://x", "::", "http://"} {
		_, err := aws.Load(t.Context(), aws.Options{Endpoint: bad})
		reason(t, err)
	}
}

func TestExplainKeepsContextsAndItsOwnErrors(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	withKeys(t)
	_, err := load(t, aws.Options{Endpoint: sourcetest.NewAWS(t).URL}).Identity(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	own := &source.Error{Thing: "x", Reason: "y"}
	if got := aws.Explain(own, "other", "s3:GetObject"); !errors.Is(got, own) {
		t.Errorf("Explain of its own error = %v", got)
	}
	if aws.Explain(nil, "x", "y") != nil {
		t.Error("Explain of nothing is something")
	}
}

func TestPartitionsAndEndpoints(t *testing.T) {
	for region, want := range map[string]string{
		"us-east-1": "aws", "cn-northwest-1": "aws-cn", "us-gov-east-1": "aws-us-gov", "eusc-de-east-1": "aws-eusc",
		"us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b",
	} {
		if got := aws.RegionPartition(region); got != want {
			t.Errorf("partition of %s = %q, want %q", region, got, want)
		}
		if got := aws.RegionPartition(aws.GlobalRegion(want)); got != want {
			t.Errorf("global Region of %s lies in %s", want, got)
		}
	}
	for endpoint, want := range map[string]string{
		"": "aws", "http://LOCALHOST:9000/": "localhost:9000", "https://x.example/base/": "x.example/base",
	} {
		if got := aws.EndpointID(sdk.String(endpoint)); got != want {
			t.Errorf("EndpointID(%q) = %q, want %q", endpoint, got, want)
		}
	}
}
