package s3

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
)

// ask makes a request. Where S3 answers that the bucket lies in another Region, which may be so though HeadBucket was not
// allowed to tell, it and all later ones are made there.
func ask[T any](b *Bucket, request func(*s3.Client) (T, error)) (T, error) {
	client := b.client.Load()
	out, err := request(client)
	if err == nil {
		return out, nil
	}
	region := aws.BucketRegion(err)
	if region == "" || region == client.Options().Region || !redirected(err) {
		return out, err
	}
	there := s3.New(client.Options(), func(o *s3.Options) { o.Region = region })
	b.client.CompareAndSwap(client, there)
	return request(there)
}

// redirected is true for the answers by which S3 sends a request to another Region (S3 API reference, error codes).
func redirected(err error) bool {
	answer, ok := errors.AsType[*smithyhttp.ResponseError](err)
	return ok && (answer.HTTPStatusCode() == http.StatusMovedPermanently ||
		answer.HTTPStatusCode() == http.StatusTemporaryRedirect || answer.HTTPStatusCode() == http.StatusBadRequest)
}

// hintPayer is for buckets that are Requester Pays: S3 refuses others than the owner without saying why.
const hintPayer = "where the bucket is Requester Pays, pass --request-payer (the requests and the transfer are then yours to pay)"

// explain puts an error about a key or folder of the bucket into words.
func (b *Bucket) explain(err error, key, action string) error {
	err = aws.Explain(err, b.text(key), action)
	e, ok := errors.AsType[*source.Error](err)
	if !ok || b.payer != "" || !strings.HasPrefix(e.Reason, "access denied: "+action) {
		return err
	}
	told := *e
	if strings.Contains(strings.ToLower(e.Reason), "requester pays") {
		told.Reason, told.Hint = "the bucket is Requester Pays", "pass --request-payer: the requests and the transfer are then yours to pay"
	} else if told.Hint != "" {
		told.Hint += "; " + hintPayer
	}
	return &told
}

// Slowed counts the answers so far that asked to slow down, and those that did not come in time, retried ones too.
func (b *Bucket) Slowed() int64 { return b.slowed.Load() }

// noting is a retryer that counts what asks to slow down.
type noting struct {
	sdk.Retryer
	slowed *atomic.Int64
}

func (b *Bucket) noting(r sdk.Retryer) sdk.Retryer {
	if of, ok := r.(noting); ok { // the client is another bucket's
		r = of.Retryer
	}
	return noting{r, &b.slowed}
}

// RetryDelay waits as the SDK does, a second or two the first time, where that is asked for; after another fault the first
// repeat comes sooner: with some per cent of faults the listing, page after page, would mostly wait.
func (n noting) RetryDelay(attempt int, err error) (time.Duration, error) {
	delay, derr := n.Retryer.RetryDelay(attempt, err)
	if asksToSlow(err) {
		n.slowed.Add(1)
	} else if attempt <= 1 {
		delay /= 10
	}
	return delay, derr
}

// GetAttemptToken keeps what the retryer has beyond the older interface.
func (n noting) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	if v2, ok := n.Retryer.(sdk.RetryerV2); ok {
		return v2.GetAttemptToken(ctx)
	}
	return n.GetInitialToken(), nil
}

func asksToSlow(err error) bool {
	if (retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}).IsErrorThrottle(err) == sdk.TrueTernary {
		return true
	}
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return answer.HTTPStatusCode() == http.StatusServiceUnavailable || answer.HTTPStatusCode() == http.StatusTooManyRequests
	}
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}
