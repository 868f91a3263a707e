package sourcetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Account is the account the credentials of an [AWS] belong to.
const Account = "111122223333"

// An AWS answers on a local port as S3 (path style), CloudTrail's LookupEvents and STS do, as far as sources ask. It
// records every request and fails those it is told to.
type AWS struct {
	URL string

	mu       sync.Mutex
	buckets  map[string]*bucket
	history  map[string][]HistoryEvent // by Region, newest first
	trails   []Trail
	requests []Request
	counts   map[Request]int
	assumed  []Assumed
	fault    func(Request) *Fault
	// lookups are the times of the last LookupEvents of a Region; lookupLimit a second are permitted, 0: any number.
	lookups     map[string][]time.Time
	lookupLimit int
	regions     map[string]string // of the account, with their status
	// organization is the id of the one the account is a member of, "" for none.
	organization string
}

// A Request is one that arrived.
type Request struct {
	Op     string // "HeadBucket", "ListObjectsV2", "GetObject", "LookupEvents", "ListRegions", "GetCallerIdentity", else "METHOD PATH"
	Region string // it was signed for
	Bucket string
	Key    string // of GetObject; the prefix of ListObjectsV2
	Agent  string // user agent
	// Start is the begin of the range of LookupEvents, whose Key is "" for all management events, else what was asked for:
	// "insight", "EventName=DeleteTrail".
	Start time.Time
	Nth   int // how many requests with this Op, Region, Bucket and Key came before
}

// A Fault is how a request fails.
type Fault struct {
	Status  int // with an error of this code; 0: the answer goes on as usual
	Code    string
	Message string
	Cut     int           // break the connection after so many bytes of the body
	Wait    time.Duration // before answering

	// Of a Proxy alone.
	Reset  bool   // the connection, without an answer
	Region string // named in the answer as the bucket's
	Detail string // more elements of an S3 error
	Type   string // content type of an answer that is not AWS's: Detail is its body
	Header string // that such an answer has, whatever its value
}

// NewAWS starts a server that ends with the test.
func NewAWS(tb testing.TB) *AWS {
	tb.Helper()
	a := &AWS{
		buckets: map[string]*bucket{}, history: map[string][]HistoryEvent{}, lookups: map[string][]time.Time{},
		counts: map[Request]int{},
		fault:  func(Request) *Fault { return nil },
	}
	srv := httptest.NewServer(a)
	tb.Cleanup(srv.Close)
	a.URL = srv.URL
	return a
}

// Config is an SDK configuration that reaches the server. It does not wait between attempts.
func (a *AWS) Config(region string) aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(a.URL),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "secret", ""),
		Retryer:      func() aws.Retryer { return impatient{} },
		HTTPClient:   &http.Client{Transport: inOneGo{&http.Transport{MaxIdleConnsPerHost: 64}}},
	}
}

// inOneGo sends the body of a request from memory, in one write. The SDK closes a body as soon as an answer is there; a
// server on the same machine may give it before the client has seen that nothing follows the body, and net/http then takes
// the closed body for a failed request and cuts the connection.
type inOneGo struct{ http.RoundTripper }

func (t inOneGo) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return t.RoundTripper.RoundTrip(req)
	}
	body, err := io.ReadAll(req.Body)
	if err := errors.Join(err, req.Body.Close()); err != nil {
		return nil, err
	}
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(bytes.NewReader(body))
	return t.RoundTripper.RoundTrip(req)
}

// Fail sets what fails from now on: fault is asked for each request and answers nil for those that do not.
func (a *AWS) Fail(fault func(Request) *Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fault = fault
}

// Requests are those that arrived so far, in order.
func (a *AWS) Requests() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]Request(nil), a.requests...)
}

// Forget empties what Requests gives.
func (a *AWS) Forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests = nil
}

// note records a request and says how it fails.
func (a *AWS) note(r Request, req *http.Request) *Fault {
	a.mu.Lock()
	r.Region = signedRegion(req)
	alike := r
	alike.Start = time.Time{}
	nth := a.counts[alike]
	a.counts[alike]++
	r.Nth, r.Agent = nth, req.UserAgent()
	a.requests = append(a.requests, r)
	fault := a.fault
	a.mu.Unlock()
	f := fault(r)
	if f == nil {
		return &Fault{}
	}
	select {
	case <-time.After(f.Wait):
	case <-req.Context().Done():
	}
	return f
}

// signedRegion is the Region in the credential scope: Credential=KEY/20261120/us-east-1/s3/aws4_request.
func signedRegion(req *http.Request) string {
	_, scope, _ := strings.Cut(req.Header.Get("Authorization"), "Credential=")
	if parts := strings.Split(scope, "/"); len(parts) > 2 {
		return parts[2]
	}
	return ""
}

func (a *AWS) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("X-Amz-Request-Id", "REQUEST")
	switch {
	case strings.HasSuffix(req.Header.Get("X-Amz-Target"), ".LookupEvents"):
		a.lookup(w, req)
	case req.Method == http.MethodPost && req.URL.Path == "/listRegions":
		a.listRegions(w, req)
	case aboutTrails(req) != "":
		a.trail(w, req, aboutTrails(req))
	case req.Method == http.MethodPost && req.URL.Path == "/":
		a.sts(w, req)
	case req.URL.Path == "/federation/credentials":
		a.ssoCredentials(w, req)
	default:
		a.object(w, req)
	}
}

// impatient tries as often as the real one, at once.
type impatient struct{}

func (impatient) IsErrorRetryable(err error) bool { return defaultRetryer.IsErrorRetryable(err) }
func (impatient) MaxAttempts() int                { return 5 }
func (impatient) RetryDelay(int, error) (time.Duration, error) {
	return 0, nil
}

func (impatient) GetRetryToken(context.Context, error) (func(error) error, error) {
	return func(error) error { return nil }, nil
}
func (impatient) GetInitialToken() func(error) error { return func(error) error { return nil } }
