package aws_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/sourcetest"
)

// The questions that tests ask through the real SDK, each tried once.
var questions = map[string]func(ctx context.Context, cfg sdk.Config) error{
	"s3:ListBucket": func(ctx context.Context, cfg sdk.Config) error {
		_, err := bucketClient(cfg).ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: sdk.String("logs")})
		return err
	},
	"s3:HeadBucket": func(ctx context.Context, cfg sdk.Config) error {
		_, err := bucketClient(cfg).HeadBucket(ctx, &s3.HeadBucketInput{Bucket: sdk.String("logs")})
		return err
	},
	"s3:GetObject": func(ctx context.Context, cfg sdk.Config) error {
		out, err := bucketClient(cfg).GetObject(ctx, &s3.GetObjectInput{Bucket: sdk.String("logs"), Key: sdk.String("AWSLogs/x")})
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, out.Body)
		return err
	},
	"cloudtrail:LookupEvents": func(ctx context.Context, cfg sdk.Config) error {
		at := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
		_, err := cloudtrail.NewFromConfig(cfg, func(o *cloudtrail.Options) { o.RetryMaxAttempts = 1 }).
			LookupEvents(ctx, &cloudtrail.LookupEventsInput{StartTime: &at, EndTime: &at})
		return err
	},
	"sts:GetCallerIdentity": func(ctx context.Context, cfg sdk.Config) error {
		_, err := sts.NewFromConfig(cfg, func(o *sts.Options) { o.RetryMaxAttempts = 1 }).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		return err
	},
}

func bucketClient(cfg sdk.Config) *s3.Client {
	return s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle, o.DisableLogOutputChecksumValidationSkipped, o.RetryMaxAttempts = true, true, 1
	})
}

// noise are words of the SDK, of Go and of protocols that nobody should read.
var noise = []string{
	"operation error", "https response error", "StatusCode", "RequestID", "HostID", "api error", "SDK", "goroutine", "deserialization",
	"exceeded maximum", "dial tcp", "smithy", "UnknownError", "x509:", "retry quota", "*http", "net/http", "Get \"", "Post \"",
}

// words checks that an error says what it should, and nothing of the SDK.
func words(t *testing.T, err error, want, hint string) {
	t.Helper()
	_, gotReason, gotHint := reason(t, err)
	if !strings.Contains(gotReason, want) || !strings.Contains(gotHint, hint) || gotHint == "" {
		t.Errorf("%q\nhint %q\nwant %q\nhint %q", gotReason, gotHint, want, hint)
	}
	for _, n := range noise {
		if strings.Contains(gotReason+gotHint, n) {
			t.Errorf("%q is noise in %q, hint %q", n, gotReason, gotHint)
		}
	}
}

// An answerCase is an answer of AWS and what is said about it.
type answerCase struct {
	asked string // one of questions
	fault sourcetest.Fault
	want  string
	hint  string
}

func forbidden(code, message string) sourcetest.Fault {
	return sourcetest.Fault{Status: http.StatusForbidden, Code: code, Message: message}
}

func bad(code, message string) sourcetest.Fault {
	return sourcetest.Fault{Status: http.StatusBadRequest, Code: code, Message: message}
}

const reader = "arn:aws:iam::111122223333:user/reader"

var denials = map[string]answerCase{
	"plain": {
		"s3:GetObject", forbidden("AccessDenied", "Access Denied"), "access denied: s3:GetObject", "allow s3:GetObject for this identity (ArchiveRead in trailsift help permissions)",
	},
	"without words":  {"s3:GetObject", forbidden("AccessDenied", ""), "access denied: s3:GetObject", "ArchiveRead"},
	"without a body": {"s3:HeadBucket", forbidden("", ""), "access denied: s3:ListBucket", "ArchiveList"},
	"identity-based": {
		"s3:ListBucket", forbidden("AccessDenied", `User: `+reader+` is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::logs" because no identity-based policy allows the s3:ListBucket action`),
		"access denied: s3:ListBucket on arn:aws:s3:::logs for " + reader + ": no identity-based policy allows it", "ArchiveList",
	},
	"explicit deny": {
		"s3:GetObject", forbidden("AccessDenied", `User: `+reader+` is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::logs/x" with an explicit deny in an identity-based policy`),
		"on arn:aws:s3:::logs/x for " + reader + ": a Deny in one of its policies (identity-based policy) forbids it", "a Deny outweighs every Allow",
	},
	"bucket policy": {
		"s3:GetObject", forbidden("AccessDenied", `User: `+reader+` is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::logs/x" because no resource-based policy allows the s3:GetObject action`),
		"no resource-based policy allows it", "ask the owner of the resource to allow s3:GetObject",
	},
	"service control policy": {
		"cloudtrail:LookupEvents", bad("AccessDeniedException", `User: `+reader+` is not authorized to perform: cloudtrail:LookupEvents with an explicit deny in a service control policy: arn:aws:organizations::999988887777:policy/o-abc/service_control_policy/p-123`),
		"access denied: cloudtrail:LookupEvents for " + reader + ": a service control policy of the organisation denies it (arn:aws:organizations::999988887777:policy/o-abc/service_control_policy/p-123)",
		"ask who runs the organisation",
	},
	"resource control policy": {
		"s3:GetObject", forbidden("AccessDenied", `User: `+reader+` is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::logs/x" with an explicit deny in a resource control policy`),
		"a resource control policy of the organisation denies it", "ask who runs the organisation",
	},
	"session policy": {
		"cloudtrail:LookupEvents", bad("AccessDeniedException", `User: `+reader+` is not authorized to perform: cloudtrail:LookupEvents because no session policy allows the cloudtrail:LookupEvents action`),
		"the policy these temporary credentials were issued with does not allow it", "one that allows cloudtrail:LookupEvents",
	},
	"permissions boundary": {
		"cloudtrail:LookupEvents", bad("AccessDeniedException", `User: `+reader+` is not authorized to perform: cloudtrail:LookupEvents because no permissions boundary allows the cloudtrail:LookupEvents action`),
		"the permissions boundary of this identity does not allow it", "in the boundary as well",
	},
	"VPC endpoint": {
		"s3:ListBucket", forbidden("AccessDenied", `User: `+reader+` is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::logs" because no VPC endpoint policy allows the s3:ListBucket action`),
		"the policy of the VPC endpoint on the way does not allow it", "or connect another way",
	},
	"old wording": {
		"cloudtrail:LookupEvents", bad("AccessDeniedException", "User: "+reader+" is not authorized to perform: cloudtrail:LookupEvents"),
		"access denied: cloudtrail:LookupEvents for " + reader, "History in trailsift help permissions",
	},
	"unknown wording": {"sts:GetCallerIdentity", forbidden("AccessDenied", "not today"), "access denied: sts:GetCallerIdentity (not today)", "allow sts:GetCallerIdentity"},
	"KMS": {
		"s3:GetObject", forbidden("AccessDenied", "User: "+reader+" is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:111122223333:key/k because no resource-based policy allows the kms:Decrypt action"),
		"access denied: kms:Decrypt on arn:aws:kms:eu-west-1:111122223333:key/k", "key policy",
	},
	"KMS in words": {
		"s3:GetObject", forbidden("AccessDenied", "The ciphertext refers to a customer master key: KMS access is not allowed"),
		"access denied: kms:Decrypt", "ArchiveDecrypt",
	},
	"MFA code": {
		"sts:GetCallerIdentity", forbidden("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. "),
		"the MFA code is not accepted", "wait for the next one",
	},
}

var answers = map[string]answerCase{
	"expired":              {"s3:ListBucket", bad("ExpiredToken", "The provided token has expired."), "the credentials have expired", "aws sso login"},
	"expired JSON":         {"cloudtrail:LookupEvents", bad("ExpiredTokenException", "The security token included in the request is expired"), "the credentials have expired", "aws sso login"},
	"invalid token id":     {"sts:GetCallerIdentity", forbidden("InvalidClientTokenId", "The security token included in the request is invalid."), "the credentials are not accepted", "check the profile and its keys"},
	"unrecognized client":  {"cloudtrail:LookupEvents", bad("UnrecognizedClientException", "The security token included in the request is invalid."), "the credentials are not accepted", "Region may also not be enabled"},
	"unknown key":          {"s3:ListBucket", forbidden("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."), "the access key is not known", "check the profile"},
	"signature":            {"s3:ListBucket", forbidden("SignatureDoesNotMatch", "The request signature we calculated does not match"), "the secret key does not fit the access key", "check the profile"},
	"session token":        {"s3:ListBucket", bad("InvalidToken", "The provided token is malformed or otherwise invalid."), "the session token is not valid", "sign in again"},
	"no bucket":            {"s3:ListBucket", sourcetest.Fault{Status: 404, Code: "NoSuchBucket", Message: "The specified bucket does not exist"}, "no such bucket", "check its name, and the account"},
	"no key":               {"s3:GetObject", sourcetest.Fault{Status: 404, Code: "NoSuchKey", Message: "gone"}, "no longer there", "deleted after it was listed"},
	"archived":             {"s3:GetObject", forbidden("InvalidObjectState", "The operation is not valid for the object's storage class"), "archived by its storage class", "restore it first"},
	"KMS disabled":         {"s3:GetObject", bad("KMS.DisabledException", "arn:aws:kms:… is disabled."), "the key that encrypts it is disabled", "enable the KMS key"},
	"KMS pending deletion": {"s3:GetObject", bad("KMS.KMSInvalidStateException", "is pending deletion"), "pending deletion", "cancel the deletion"},
	"requester pays":       {"s3:GetObject", forbidden("InvalidPayer", "All access to this object has been disabled"), "the requester is refused as payer", "use another"},
	"redirect":             {"s3:ListBucket", sourcetest.Fault{Status: 301, Code: "PermanentRedirect", Message: "must be addressed", Region: "eu-west-1"}, "the bucket is in another Region: eu-west-1", "--region eu-west-1"},
	"redirect of HEAD":     {"s3:HeadBucket", sourcetest.Fault{Status: 301, Region: "eu-west-1"}, "the bucket is in another Region: eu-west-1", "--region eu-west-1"},
	"malformed scope":      {"s3:ListBucket", bad("AuthorizationHeaderMalformed", "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'"), "another Region: eu-west-1", "--region eu-west-1"},
	"location":             {"s3:ListBucket", bad("IllegalLocationConstraintException", "The eu-west-1 location constraint is incompatible"), "the bucket is in another Region", "--region"},
	"slow down":            {"s3:GetObject", sourcetest.Fault{Status: 503, Code: "SlowDown", Message: "Please reduce your request rate."}, "AWS asks to slow down", "try again"},
	"throttled":            {"cloudtrail:LookupEvents", bad("ThrottlingException", "Rate exceeded"), "AWS asks to slow down", "--lookup-rate"},
	"internal":             {"s3:GetObject", sourcetest.Fault{Status: 500, Code: "InternalError", Message: "We encountered an internal error."}, "AWS had an internal error", "try again"},
	"subscription":         {"cloudtrail:LookupEvents", forbidden("OptInRequired", "The AWS Access Key Id needs a subscription"), "the account is not subscribed here", "check the profile"},
	"unheard of":           {"s3:GetObject", sourcetest.Fault{Status: 500, Code: "Odd", Message: "what"}, "AWS answers Odd: what", "try again"},
	"odd and empty 404":    {"s3:GetObject", sourcetest.Fault{Status: 404, Type: "text/plain"}, "answers 404 Not Found, not as AWS does", "endpoint of the service"},
	"404 of another":       {"cloudtrail:LookupEvents", sourcetest.Fault{Status: 404, Type: "text/plain", Detail: "404 page not found\n"}, "answers 404 Not Found, not as AWS does", "endpoint of the service"},
	"http to https":        {"s3:ListBucket", sourcetest.Fault{Status: 400, Type: "text/plain", Detail: "Client sent an HTTP request to an HTTPS server.\n"}, "answers 400 Bad Request, not as AWS does", "https"},
	"S3 asked for STS":     {"sts:GetCallerIdentity", sourcetest.Fault{Status: 405, Type: "application/xml", Detail: "<Error><Code>MethodNotAllowed</Code></Error>", Header: "X-Amz-Request-Id"}, "answers 405 Method Not Allowed, not as AWS does", "endpoint of the service"},
	"portal":               {"s3:ListBucket", sourcetest.Fault{Status: 200, Type: "text/html; charset=utf-8", Detail: "<html><body>Welcome to Hotel Wifi</body></html>"}, "answers 200 OK with a web page", "sign in to this network"},
	"portal, JSON":         {"cloudtrail:LookupEvents", sourcetest.Fault{Status: 200, Type: "text/html", Detail: "<html></html>"}, "answers 200 OK with a web page", "sign in to this network"},
	"portal, object":       {"s3:GetObject", sourcetest.Fault{Status: 200, Type: "text/html", Detail: "<html></html>"}, "answers 200 OK with a web page", "sign in to this network"},
	"proxy refuses":        {"s3:ListBucket", sourcetest.Fault{Status: 403, Type: "text/html", Detail: "<html>Blocked by policy</html>"}, "answers 403 Forbidden with a web page", "HTTPS_PROXY"},
	"gateway":              {"sts:GetCallerIdentity", sourcetest.Fault{Status: 502, Type: "text/html", Detail: "<html>Bad gateway</html>"}, "answers 502 Bad Gateway with a web page", "HTTPS_PROXY"},
	"proxy password":       {"s3:ListBucket", sourcetest.Fault{Status: 407, Type: "text/plain"}, "the proxy on the way wants a user and password", "HTTPS_PROXY"},
	"reset":                {"s3:ListBucket", sourcetest.Fault{Reset: true}, "the connection was cut", "try again"},
	"cut listing":          {"s3:ListBucket", sourcetest.Fault{Cut: 40}, "the connection was cut", "try again"},
	"cut object":           {"s3:GetObject", sourcetest.Fault{Cut: 40}, "the connection was cut", "try again"},
	"cut page":             {"cloudtrail:LookupEvents", sourcetest.Fault{Cut: 3}, "the connection was cut", "try again"},
}

// Every refusal is provoked through the real SDK and read as a person would.
func TestAnswersOfAWSInWords(t *testing.T) {
	withKeys(t)
	a := sourcetest.NewAWS(t)
	a.NewBucket("logs", "us-east-1", 1000)
	a.Put("logs", "AWSLogs/x", sourcetest.S3Object{Body: sourcetest.Log(1)})
	for _, table := range []map[string]answerCase{denials, answers} {
		for name, c := range table {
			t.Run(name, func(t *testing.T) {
				p := sourcetest.NewProxy(t, a.URL, sourcetest.ProxyOptions{Fault: func(sourcetest.Call) *sourcetest.Fault { return &c.fault }})
				session := load(t, aws.Options{Endpoint: p.URL, Region: "us-east-1"})
				action := c.asked
				if action == "s3:HeadBucket" {
					action = ""
				}
				words(t, aws.Explain(questions[c.asked](t.Context(), session.Config()), "logs", action), c.want, c.hint)
			})
		}
	}
}

// The SDK corrects its clock by the server's when a request is refused for its time; where it cannot, it is said by how
// much the clock is off.
func TestClockSkew(t *testing.T) {
	withKeys(t)
	a := sourcetest.NewAWS(t)
	a.NewBucket("logs", "us-east-1", 1000)
	for clock, want := range map[time.Duration]string{
		2 * time.Hour: "the clock of this machine is 2 h 0 min behind AWS", -75 * time.Minute: "the clock of this machine is 1 h 15 min ahead of AWS",
		96 * time.Hour: "the clock of this machine is 4 days behind AWS", 20 * time.Minute: "is 20 min behind AWS",
	} {
		p := sourcetest.NewProxy(t, a.URL, sourcetest.ProxyOptions{Clock: clock})
		session := load(t, aws.Options{Endpoint: p.URL, Region: "us-east-1"})
		for _, asked := range []string{"s3:ListBucket", "cloudtrail:LookupEvents", "sts:GetCallerIdentity"} {
			words(t, aws.Explain(questions[asked](t.Context(), session.Config()), "logs", asked), want, "set this machine's clock")
		}
	}
	p := sourcetest.NewProxy(t, a.URL, sourcetest.ProxyOptions{Clock: time.Hour})
	if _, err := load(t, aws.Options{Endpoint: p.URL}).Identity(t.Context()); err != nil {
		t.Errorf("with another try: %v", err)
	}
}

func TestNobodyIsThere(t *testing.T) {
	withKeys(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	listener.Close()
	for endpoint, want := range map[string][2]string{
		"http://" + closed:            {"connection refused by " + closed, "check the network"},
		"http://no-such-host.invalid": {"the name no-such-host.invalid is not found", "spelling of the Region"},
	} {
		session := load(t, aws.Options{Endpoint: endpoint, Region: "us-east-1"})
		for asked, ask := range questions {
			begin := time.Now()
			words(t, aws.Explain(ask(t.Context(), session.Config()), "logs", asked), want[0], want[1])
			if took := time.Since(begin); took > 3*time.Second {
				t.Errorf("%s of %s: said after %v", asked, endpoint, took)
			}
		}
		begin := time.Now()
		_, err := bucketClient(session.Config()).ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: sdk.String("logs")}, func(o *s3.Options) { o.RetryMaxAttempts = 8 })
		words(t, aws.Explain(err, "logs", "s3:ListBucket"), want[0], want[1])
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("%s with 8 tries: said after %v", endpoint, took)
		}
	}
}

// A server that was there and is not for a moment is tried again.
func TestAPauseIsNoWrongAddress(t *testing.T) {
	withKeys(t)
	a := sourcetest.NewAWS(t)
	srv := httptest.NewServer(a)
	session := load(t, aws.Options{Endpoint: srv.URL})
	if _, err := session.Identity(t.Context()); err != nil {
		t.Fatal(err)
	}
	address := srv.Listener.Addr().String()
	srv.Close()
	again := make(chan struct{})
	time.AfterFunc(300*time.Millisecond, func() {
		defer close(again)
		listener, err := net.Listen("tcp", address)
		if err != nil {
			t.Errorf("the address is taken: %v", err)
			return
		}
		next := httptest.NewUnstartedServer(a)
		next.Listener.Close()
		next.Listener = listener
		next.Start()
		t.Cleanup(next.Close)
	})
	_, err := session.Identity(t.Context())
	<-again
	if err != nil {
		t.Errorf("after a pause: %v", err)
	}
}

// served is a server with a certificate of its own for some host, that counts from and to.
func served(t *testing.T, host string, from, to time.Time) (endpoint, authority string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Corporate Proxy CA"}, NotBefore: from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return srv.URL, path
}

func TestUntrustedServers(t *testing.T) {
	now := time.Now()
	for name, c := range map[string]struct {
		host       string
		from, to   time.Time
		trusted    bool
		want, hint string
	}{
		"authority": {"127.0.0.1", now.Add(-time.Hour), now.Add(time.Hour), false, "an authority this machine does not know (Corporate Proxy CA)", "AWS_CA_BUNDLE"},
		"expired":   {"127.0.0.1", now.AddDate(-2, 0, 0), now.AddDate(-1, 0, 0), true, "its certificate counts from " + now.UTC().AddDate(-2, 0, 0).Format(time.DateOnly), "clock"},
		"other host": {
			"other.example", now.Add(-time.Hour), now.Add(time.Hour), true, "its certificate is not for 127.0.0.1", "check the endpoint",
		},
	} {
		t.Run(name, func(t *testing.T) {
			withKeys(t)
			endpoint, authority := served(t, c.host, c.from, c.to)
			if c.trusted {
				t.Setenv("AWS_CA_BUNDLE", authority)
			}
			session := load(t, aws.Options{Endpoint: endpoint, Region: "us-east-1"})
			begin := time.Now()
			_, err := session.Identity(t.Context())
			words(t, err, c.want, c.hint)
			if took := time.Since(begin); took > 3*time.Second {
				t.Errorf("said after %v: it was tried again", took)
			}
		})
	}
	withKeys(t)
	plain := sourcetest.NewAWS(t)
	_, err := load(t, aws.Options{Endpoint: strings.Replace(plain.URL, "http:", "https:", 1)}).Identity(t.Context())
	words(t, err, "the server does not speak TLS", "http://")
}

// Requests to this machine never go through a proxy, so that the transport's own error is made here.
func TestProxyOnTheWay(t *testing.T) {
	err := &smithy.OperationError{ServiceID: "S3", OperationName: "ListObjectsV2", Err: &net.OpError{
		Op: "proxyconnect", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED),
	}}
	words(t, aws.Explain(err, "logs", ""), "the proxy cannot be reached: connection refused", "HTTPS_PROXY")
}

func TestTimeouts(t *testing.T) {
	withKeys(t)
	a := sourcetest.NewAWS(t)
	p := sourcetest.NewProxy(t, a.URL, sourcetest.ProxyOptions{Latency: time.Minute})
	cfg := load(t, aws.Options{Endpoint: p.URL, Region: "us-east-1"}).Config()
	cfg.HTTPClient = &http.Client{Transport: &http.Transport{ResponseHeaderTimeout: 50 * time.Millisecond}}
	for asked, ask := range questions {
		words(t, aws.Explain(ask(t.Context(), cfg), "logs", asked), "no answer in time", "check the network")
	}
}
