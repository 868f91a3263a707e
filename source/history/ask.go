package history

import (
	"context"
	"errors"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/smithy-go"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
)

const (
	// attempts of one page that failed, and how often in a row it may be throttled: some five minutes.
	attempts  = 8
	throttles = 40
)

var throttleCodes = retry.IsErrorThrottles(retry.DefaultThrottles)

// lookup sends a request once: each attempt has to keep the pace, so the SDK makes none of its own.
func (l *lane) lookup(ctx context.Context, in *cloudtrail.LookupEventsInput) (*cloudtrail.LookupEventsOutput, error) {
	return l.h.client.LookupEvents(ctx, in, func(o *cloudtrail.Options) {
		o.Region = l.region
		o.Retryer = sdk.NopRetryer{}
	})
}

// ask sends request number n, for the next page of a stream.
func (l *lane) ask(ctx context.Context, s *stream, n int) {
	out, err := l.lookup(ctx, s.in)
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.tell()
	s.busy = false
	switch {
	case err == nil:
		l.pace.answered(n)
		l.hear(s, out)
		s.take(out)
	case ctx.Err() != nil: // nobody reads any more; who comes next asks again
	default:
		l.fail(s, n, err)
	}
}

// fail takes a failed request: it is tried again, or the stream ends with an error.
func (l *lane) fail(s *stream, n int, err error) {
	switch {
	case throttleCodes.IsErrorThrottle(err).Bool() && s.throttled < throttles:
		s.throttled++
		l.pace.throttled(n)
		return
	case l.h.client.Options().Retryer.IsErrorRetryable(err) && s.failed < attempts:
		s.failed++
		delay, _ := l.h.client.Options().Retryer.RetryDelay(s.failed, err) // no delay is a delay, too
		s.after = time.Now().Add(delay)
		time.AfterFunc(delay, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.tell()
		})
		return
	}
	explained := aws.Explain(err, s.key, action)
	switch {
	case s.look != nil: // who follows may sign in again
		s.err = explained
	case isRefusal(err):
		l.heard = true
		l.refuse(explained, shortly(err, explained))
	case s.about == aboutInsight && isUnoffered(err):
		l.heard = true
		l.h.note("Insight events of " + l.region + " are not given: " + reasonOf(explained))
		s.finish()
	default:
		s.err = explained
	}
}

// hear takes what the first answer tells of the Region.
func (l *lane) hear(s *stream, out *cloudtrail.LookupEventsOutput) {
	if l.heard {
		return
	}
	l.heard = true
	n := len(out.Events)
	if n < pageEvents || s.about != aboutAll {
		return
	}
	first, last := sdk.ToTime(out.Events[n-1].EventTime), sdk.ToTime(out.Events[0].EventTime)
	l.perSec = float64(n) / max(1, last.Sub(first).Seconds())
}

// isRefusal is true for errors that every other request of the Region would give as well.
func isRefusal(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "AccessDenied", "AccessDeniedException", "UnrecognizedClientException", "InvalidClientTokenId", "OptInRequired",
		"ExpiredToken", "ExpiredTokenException", "InvalidSignatureException", "AuthFailure", "SubscriptionRequiredException":
		return true
	}
	return false
}

// isUnoffered is true for what is said of a category that a Region does not have.
func isUnoffered(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "InvalidEventCategoryException", "UnsupportedOperationException", "OperationNotPermittedException":
		return true
	}
	return false
}

// shortly says why one Region refuses while others answer: credentials that those accept are not known where the account
// has not enabled the Region.
func shortly(err, explained error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		switch api.ErrorCode() {
		case "UnrecognizedClientException", "InvalidClientTokenId", "OptInRequired", "AuthFailure", "SubscriptionRequiredException":
			return "not enabled"
		case "AccessDenied", "AccessDeniedException":
			if strings.Contains(api.ErrorMessage(), "service control policy") {
				return "denied by a service control policy"
			}
		}
	}
	return reasonOf(explained)
}

func reasonOf(err error) string {
	if e, ok := errors.AsType[*source.Error](err); ok {
		return e.Reason
	}
	return err.Error()
}
