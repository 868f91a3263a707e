package sourcetest

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"
)

// ProxyOptions say how a [Proxy] behaves; the zero value passes everything on.
//
// Names are operations ("s3:ListObjectsV2", "cloudtrail:LookupEvents", "sts:GetCallerIdentity") or the IAM actions they
// need ("s3:ListBucket"); see [CallOf].
type ProxyOptions struct {
	// Seed decides which requests fail: the same request fails in the same way with the same seed, in whatever order
	// requests arrive.
	Seed uint64
	// Deny are refused with 403, as AWS words it.
	Deny []string
	// Only, if not nil, are the only ones passed on; others are refused with 403 and told by Refused.
	Only []string
	// FaultRate is the share of requests that get a 500, a 503 SlowDown or a ThrottlingException.
	FaultRate float64
	// ResetRate is the share of requests whose connection is reset without an answer.
	ResetRate float64
	// CutRate is the share of answers that end in the middle of the body; Content-Length says more.
	CutRate float64
	// Latency is waited before a request is passed on.
	Latency time.Duration
	// BucketRegion, if set, is where all buckets are: S3 requests signed for another Region get a 301.
	BucketRegion string
	// Clock is how far the server's clock is ahead of this machine's: more than 15 minutes and each signature is
	// refused.
	Clock time.Duration
	// Fault, if not nil, is asked first; nil passes on to the rules above.
	Fault func(c Call) *Fault
}

// A Proxy stands in front of an endpoint, makes requests fail and counts them. It is safe for concurrent use.
type Proxy struct {
	URL string

	upstream  *url.URL
	transport *http.Transport

	mu    sync.Mutex
	opt   ProxyOptions
	calls []Call
	times map[uint64]int // by request: how often it came
	no    map[string]int // refused because of Only
}

// NewProxy starts a proxy in front of an endpoint, such as [AWS.URL]. It ends with the test.
func NewProxy(tb testing.TB, upstream string, opt ProxyOptions) *Proxy {
	tb.Helper()
	p, err := NewProxyHandler(upstream, opt)
	if err != nil {
		tb.Fatal(err)
	}
	srv := httptest.NewServer(p)
	tb.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
		p.transport.CloseIdleConnections()
	})
	p.URL = srv.URL
	return p
}

// NewProxyHandler is a proxy to be served by the caller.
func NewProxyHandler(upstream string, opt ProxyOptions) (*Proxy, error) {
	u, err := url.Parse(upstream)
	if err != nil {
		return nil, err
	}
	return &Proxy{
		upstream: u, opt: opt, times: map[uint64]int{}, no: map[string]int{},
		transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true},
	}, nil
}

// Set changes the options from the next request on.
func (p *Proxy) Set(opt ProxyOptions) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opt = opt
}

// Count is how many requests of an operation or action arrived, failed ones among them; "" is all that were calls.
func (p *Proxy) Count(name string) (n int) {
	for _, c := range p.Calls() {
		if name == "" || c.Is(name) {
			n++
		}
	}
	return n
}

// Calls are the requests that arrived so far, in order.
func (p *Proxy) Calls() []Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// Forget empties what Calls and Count give.
func (p *Proxy) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = nil
}

// Refused counts the operations refused because they are not among Only.
func (p *Proxy) Refused() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.no)
}

func (p *Proxy) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	c, isCall := CallOf(req, body)
	if !isCall { // control of a simulator, not AWS
		p.forward(w, req, body, forward{})
		return
	}
	opt, dice := p.arrived(&c, req, body)
	if !wait(req, opt.Latency) {
		return
	}
	f := opt.judge(c, req, dice)
	if f.Wait > 0 && !wait(req, f.Wait) {
		return
	}
	switch {
	case f.Status != 0:
		if opt.Clock != 0 {
			setClock(w, opt.Clock)
		}
		refuse(w, req, c, f)
	case f.Reset:
		reset(w)
	case f.Cut != 0:
		p.forward(w, req, body, forward{f.Cut, opt.Clock})
	case dice.Float64() < opt.CutRate:
		p.forward(w, req, body, forward{-1, opt.Clock})
	default:
		p.forward(w, req, body, forward{0, opt.Clock})
	}
}

func wait(req *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-req.Context().Done():
		return false
	}
}

// arrived records a call and gives the options and the chances of this request.
func (p *Proxy) arrived(c *Call, req *http.Request, body []byte) (ProxyOptions, *rand.Rand) {
	h := fnv.New64a()
	_, _ = io.WriteString(h, c.Op+" "+c.Region+" "+req.URL.String()+" "+req.Header.Get("Range")+" ") // a hash takes everything
	_, _ = h.Write(body)
	id := h.Sum64()
	p.mu.Lock()
	defer p.mu.Unlock()
	c.Nth = p.times[id]
	p.times[id]++
	p.calls = append(p.calls, *c)
	if p.opt.Only != nil && !slices.ContainsFunc(p.opt.Only, c.Is) {
		p.no[c.Op]++
	}
	return p.opt, rand.New(rand.NewPCG(p.opt.Seed, id+uint64(c.Nth)*0x9e3779b97f4a7c15))
}

// judge says how a call fails; a Fault without a status and without anything else is none.
func (o *ProxyOptions) judge(c Call, req *http.Request, dice *rand.Rand) *Fault {
	if o.Fault != nil {
		if f := o.Fault(c); f != nil {
			return f
		}
	}
	if o.Only != nil && !slices.ContainsFunc(o.Only, c.Is) || slices.ContainsFunc(o.Deny, c.Is) {
		return c.denied()
	}
	if f := o.skewed(c, req); f != nil {
		return f
	}
	if o.BucketRegion != "" && c.Service == "s3" && c.Region != o.BucketRegion {
		return &Fault{
			Status: http.StatusMovedPermanently, Code: "PermanentRedirect", Region: o.BucketRegion,
			Message: "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
		}
	}
	if dice.Float64() < o.FaultRate {
		return c.fault(dice.IntN(3))
	}
	return &Fault{Reset: dice.Float64() < o.ResetRate}
}

// fault is one of the refusals that are worth another try.
func (c Call) fault(n int) *Fault {
	switch {
	case n == 0:
		return &Fault{Status: http.StatusInternalServerError, Code: "InternalError", Message: "We encountered an internal error. Please try again."}
	case n == 1 || c.Service == "s3":
		return &Fault{Status: http.StatusServiceUnavailable, Code: "SlowDown", Message: "Please reduce your request rate."}
	}
	return &Fault{Status: http.StatusBadRequest, Code: "ThrottlingException", Message: "Rate exceeded"}
}

// denied is the refusal of IAM.
func (c Call) denied() *Fault {
	code := "AccessDenied"
	if c.protocol == protocolJSON {
		code = "AccessDeniedException"
	}
	return &Fault{
		Status: http.StatusForbidden, Code: code,
		Message: fmt.Sprintf("User: arn:aws:iam::%s:user/reader is not authorized to perform: %s on resource: %s because no identity-based policy allows the %[2]s action",
			Account, c.Action, c.Resource),
	}
}

// skewed is the refusal of a request that was signed at another time than the server's.
func (o *ProxyOptions) skewed(c Call, req *http.Request) *Fault {
	const stamp, allowed = "20060102T150405Z", 15 * time.Minute
	signed, err := time.Parse(stamp, req.Header.Get("X-Amz-Date"))
	now := time.Now().UTC().Add(o.Clock)
	if err != nil || o.Clock == 0 || now.Sub(signed).Abs() <= allowed {
		return nil
	}
	if c.Service == "s3" {
		return &Fault{
			Status: http.StatusForbidden, Code: "RequestTimeTooSkewed", Message: "The difference between the request time and the current time is too large.",
			Detail: fmt.Sprintf("<RequestTime>%s</RequestTime><ServerTime>%s</ServerTime><MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>",
				signed.Format(stamp), now.Format(time.RFC3339)),
		}
	}
	code := "InvalidSignatureException"
	if c.protocol == protocolQuery {
		code = "SignatureDoesNotMatch"
	}
	text := fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - 15 min.)", signed.Format(stamp), now.Add(-allowed).Format(stamp), now.Format(stamp))
	if signed.After(now) {
		text = fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 15 min.)", signed.Format(stamp), now.Add(allowed).Format(stamp), now.Format(stamp))
	}
	return &Fault{Status: http.StatusForbidden, Code: code, Message: text}
}

func setClock(w http.ResponseWriter, ahead time.Duration) {
	w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
}

// A forward says how an answer is changed on its way.
type forward struct {
	cut   int // the body: after so many bytes, in its middle where negative, not where 0
	clock time.Duration
}

// forward passes a request on.
func (p *Proxy) forward(w http.ResponseWriter, req *http.Request, body []byte, how forward) {
	out := req.Clone(req.Context())
	out.URL.Scheme, out.URL.Host = p.upstream.Scheme, p.upstream.Host
	out.RequestURI = ""
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if len(body) == 0 {
		out.Body = http.NoBody
	}
	answer, err := p.transport.RoundTrip(out)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = answer.Body.Close() }()
	maps.Copy(w.Header(), answer.Header)
	if how.clock != 0 {
		setClock(w, how.clock)
	}
	cut := how.cut
	if cut == 0 || req.Method == http.MethodHead {
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body) // a client may go away
		return
	}
	whole, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if cut < 0 {
		cut = len(whole) / 2
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
	w.WriteHeader(answer.StatusCode)
	if _, err := w.Write(whole[:min(cut, len(whole))]); err == nil {
		_ = http.NewResponseController(w).Flush()
	}
	if cut < len(whole) {
		panic(http.ErrAbortHandler)
	}
}

// reset ends the connection the hard way.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // unsent data is thrown away and RST is sent
	}
	_ = conn.Close()
}
