// Package s3 is a trail's bucket, or any prefix of one, as a place of log files.
//
// It only lists and gets: s3:ListBucket and s3:GetObject, and HeadBucket once to find the bucket's Region. The bucket is
// never walked whole when a time range is given: listings descend by delimiter to accounts, kinds, Regions and days.
package s3

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
)

// startAttempts are fewer than those of later requests: a person waits for the first answer.
const startAttempts = 3

// Options limit what is asked for.
type Options struct {
	// From and To limit the events wanted, half-open; zero is open. Listed are the day folders of From to the day after
	// To: a folder is the day of delivery, which follows the event.
	From, To time.Time
	// Accounts, Regions and Types limit which log files are wanted; empty is all found. Types are as [ParseType] takes
	// them, others match nothing; digests come wherever CloudTrail's own log files do. With any limit, objects that do
	// not lie as CloudTrail lays them are not searched for without end.
	Accounts, Regions, Types []string
	// RequestPayer says that the requester pays, as buckets that are Requester Pays demand.
	RequestPayer bool
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// A Bucket is a bucket or a prefix of it. It is safe for concurrent use.
type Bucket struct {
	client atomic.Pointer[s3.Client] // of the Region last heard of
	bucket string
	prefix string // without slashes at its ends
	limits limits
	payer  types.RequestPayer
	kept   atomic.Pointer[listing] // of a survey, for the next List
	slowed atomic.Int64
}

var _ source.Source = (*Bucket)(nil)

// Parse takes "s3://BUCKET[/PREFIX]" apart.
func Parse(text string) (bucket, prefix string, err error) {
	rest, ok := strings.CutPrefix(text, "s3://")
	bucket, prefix, _ = strings.Cut(rest, "/")
	if !ok || bucket == "" || strings.ContainsAny(bucket, ":?#\\ ") {
		return "", "", &source.Error{Thing: text, Reason: "not a bucket", Hint: "write it like s3://bucket/prefix"}
	}
	return bucket, prefix, nil
}

// Client makes the client that New needs, with connections of its own.
func Client(cfg sdk.Config) *s3.Client {
	if own, ok := cfg.HTTPClient.(*awshttp.BuildableClient); ok {
		cfg.HTTPClient = own.WithTransportOptions(manyConnections)
	}
	if cfg.Region == "" {
		cfg.Region = aws.GlobalRegion("aws")
	}
	return s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = o.BaseEndpoint != nil
		o.DisableLogOutputChecksumValidationSkipped = true
	})
}

// connections are kept open: as many as requests may be under way, listings and log files.
const connections = 256 + listers

// manyConnections is for many small answers side by side: S3 speaks HTTP/1.1 alone, so each request under way has a
// connection, and new ones go on with a TLS session that is known.
func manyConnections(t *http.Transport) {
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 0, connections
	t.ForceAttemptHTTP2 = false
	t.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	t.TLSClientConfig.ClientSessionCache = tls.NewLRUClientSessionCache(0)
}

// New is a bucket reached through a client of its Region. It opens no connection. The prefix names a folder, or one
// object.
func New(client *s3.Client, bucket, prefix string, opt Options) *Bucket {
	b := &Bucket{bucket: bucket, prefix: strings.Trim(prefix, "/"), limits: newLimits(opt)}
	if opt.RequestPayer {
		b.payer = types.RequestPayerRequester
	}
	b.client.Store(s3.New(client.Options(), func(o *s3.Options) { o.Retryer = b.noting(o.Retryer) }))
	return b
}

// Connect finds the bucket's Region and gives the bucket through a client of that Region. Errors are *source.Error, or
// of the context.
func Connect(ctx context.Context, session *aws.Session, bucket, prefix string, opt Options) (*Bucket, error) {
	cfg := session.Config()
	client := Client(cfg)
	region, err := regionOf(ctx, client, bucket)
	if err != nil {
		return nil, aws.Explain(err, "s3://"+bucket, "s3:ListBucket")
	}
	if region != "" && region != client.Options().Region {
		cfg.Region = region
		client = Client(cfg)
	}
	return New(client, bucket, prefix, opt), nil
}

// regionOf asks for the bucket's Region; AWS names it in refusals too. "" is not known: a refusal may only mean that
// HeadBucket is not allowed.
func regionOf(ctx context.Context, client *s3.Client, bucket string) (string, error) {
	out, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket}, fewAttempts)
	if err == nil {
		return sdk.ToString(out.BucketRegion), nil
	}
	if region := aws.BucketRegion(err); region != "" {
		return region, nil
	}
	var answer *smithyhttp.ResponseError
	if !errors.As(err, &answer) {
		return "", err
	}
	if answer.HTTPStatusCode() == http.StatusNotFound {
		return "", &source.Error{Thing: "s3://" + bucket, Reason: "no such bucket", Hint: "check its name, and the account and endpoint it is in", Err: err}
	}
	return "", nil
}

func fewAttempts(o *s3.Options) { o.RetryMaxAttempts = startAttempts }

// Place is the bucket; two prefixes of it are two places.
func (b *Bucket) Place() source.Place {
	opt := b.client.Load().Options()
	id := "s3:" + aws.EndpointID(opt.BaseEndpoint) + "/" + aws.RegionPartition(opt.Region) + "/" + b.bucket + "/" + b.prefix
	return source.Place{Text: b.text(b.prefix), ID: id, Remote: true}
}

func (b *Bucket) text(key string) string {
	if key == "" {
		return "s3://" + b.bucket
	}
	return "s3://" + b.bucket + "/" + key
}

// Check asks for the first key: whether the bucket may be listed and the prefix holds something.
func (b *Bucket) Check(ctx context.Context) error {
	in := b.listInput(b.prefix)
	in.MaxKeys = sdk.Int32(1)
	out, err := ask(b, func(c *s3.Client) (*s3.ListObjectsV2Output, error) { return c.ListObjectsV2(ctx, in, fewAttempts) })
	if err != nil {
		return b.explain(err, b.prefix, "s3:ListBucket")
	}
	if len(out.Contents) == 0 {
		return &source.Error{Thing: b.text(b.prefix), Reason: "nothing is there", Hint: "a trail delivers to [prefix/]AWSLogs/ in its bucket"}
	}
	return nil
}

func (b *Bucket) listInput(prefix string) *s3.ListObjectsV2Input {
	return &s3.ListObjectsV2Input{Bucket: &b.bucket, Prefix: &prefix, EncodingType: types.EncodingTypeUrl, RequestPayer: b.payer}
}
