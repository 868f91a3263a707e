package history

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/smithy-go"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
)

const (
	pageEvents = 50 // the most AWS gives
	// attempts of one page that failed, and how often in a row it may be throttled: some five minutes of pauses.
	attempts  = 8
	throttles = 24
)

var (
	retryables    = retry.IsErrorRetryables(retry.DefaultRetryables)
	throttleCodes = retry.IsErrorThrottles(retry.DefaultThrottles)
)

// pages is the log file of a window: {"Events":[…]}, newest first. It holds one page at a time and asks for the next when
// that is read.
type pages struct {
	ctx    context.Context
	h      *History
	key    string
	region string
	in     *cloudtrail.LookupEventsInput
	ready  bytes.Buffer
	some   bool // an event was written
	begun  bool
	done   bool
	err    error
}

func newPages(ctx context.Context, h *History, w window, key string) *pages {
	// Both ends count, and event times are whole seconds: the last second of the window is the end. An end in the future
	// would shift between two pages.
	last := w.end().Add(-time.Second)
	if now := h.plan.now().UTC().Truncate(time.Second); now.Before(last) && !now.Before(w.start) {
		last = now
	}
	return &pages{
		ctx: ctx, h: h, key: key, region: w.region,
		in: &cloudtrail.LookupEventsInput{
			StartTime: sdk.Time(w.start), EndTime: sdk.Time(last), MaxResults: sdk.Int32(pageEvents),
		},
	}
}

func (p *pages) Read(b []byte) (int, error) {
	for p.ready.Len() == 0 {
		switch {
		case p.err != nil:
			return 0, p.err
		case p.done:
			return 0, io.EOF
		case p.ctx.Err() != nil:
			return 0, p.ctx.Err()
		}
		p.err = p.next()
	}
	return p.ready.Read(b)
}

func (p *pages) Close() error {
	p.err = io.ErrClosedPipe
	p.ready.Reset()
	return nil
}

// next asks for the next page and makes its text ready.
func (p *pages) next() error {
	out, err := p.ask()
	if err != nil {
		return err
	}
	if !p.begun {
		p.begun = true
		p.ready.WriteString(`{"Events":[`)
	}
	for i := range out.Events {
		if p.some {
			p.ready.WriteByte(',')
		}
		p.some = true
		if err := p.write(&out.Events[i]); err != nil {
			return &source.Error{Thing: p.key, Reason: "an event that has no JSON form", Err: err}
		}
	}
	last := sdk.ToString(p.in.NextToken)
	p.in.NextToken = out.NextToken
	switch sdk.ToString(out.NextToken) {
	case "":
		p.done = true
		p.ready.WriteString("]}\n")
	case last:
		return &source.Error{Thing: p.key, Reason: "AWS gives the same page again and again"}
	}
	return nil
}

// ask sends the request until it is answered or hope is lost.
func (p *pages) ask() (*cloudtrail.LookupEventsOutput, error) {
	pace := p.h.paces[p.region]
	for failed, throttled := 0, 0; ; {
		if err := pace.wait(p.ctx); err != nil {
			return nil, err
		}
		out, err := p.h.client.LookupEvents(p.ctx, p.in, func(o *cloudtrail.Options) {
			o.Region = p.region
			o.Retryer = sdk.NopRetryer{} // each attempt has to keep the pace
		})
		switch {
		case err == nil:
			pace.answered()
			return out, nil
		case p.ctx.Err() != nil:
			return nil, p.ctx.Err()
		case throttleCodes.IsErrorThrottle(err).Bool() && throttled < throttles:
			throttled++
			pace.throttled()
		case retryables.IsErrorRetryable(err).Bool() && failed < attempts:
			failed++
			delay, _ := p.h.client.Options().Retryer.RetryDelay(failed, err) // no delay is a delay, too
			if err := sleep(p.ctx, delay); err != nil {
				return nil, err
			}
		default:
			err := aws.Explain(err, p.key, action)
			if isRefusal(err) {
				p.h.refuse(p.region, named(err, "Event history of "+p.region))
			}
			return nil, err
		}
	}
}

// isRefusal is true for errors that every other request of the Region would give as well.
func isRefusal(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "AccessDenied", "AccessDeniedException", "UnrecognizedClientException", "InvalidClientTokenId", "OptInRequired",
		"ExpiredToken", "ExpiredTokenException", "InvalidSignatureException", "AuthFailure", "UnsupportedOperationException",
		"OperationNotPermittedException":
		return true
	}
	return false
}

// lookupEvent is an event as the AWS CLI prints it: the same names in the same order, what is absent left out.
type lookupEvent struct {
	EventID         *string          `json:"EventId,omitempty"`
	EventName       *string          `json:",omitempty"`
	ReadOnly        *string          `json:",omitempty"`
	AccessKeyID     *string          `json:"AccessKeyId,omitempty"`
	EventTime       *time.Time       `json:",omitempty"`
	EventSource     *string          `json:",omitempty"`
	Username        *string          `json:",omitempty"`
	Resources       []lookupResource `json:",omitempty"`
	CloudTrailEvent *string          `json:",omitempty"`
}

type lookupResource struct {
	ResourceType *string `json:",omitempty"`
	ResourceName *string `json:",omitempty"`
}

func (p *pages) write(e *types.Event) error {
	out := lookupEvent{
		EventID: e.EventId, EventName: e.EventName, ReadOnly: e.ReadOnly, AccessKeyID: e.AccessKeyId, EventTime: e.EventTime,
		EventSource: e.EventSource, Username: e.Username, CloudTrailEvent: e.CloudTrailEvent,
	}
	for _, r := range e.Resources {
		out.Resources = append(out.Resources, lookupResource{r.ResourceType, r.ResourceName})
	}
	enc := json.NewEncoder(&p.ready)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		return err
	}
	p.ready.Truncate(p.ready.Len() - 1) // the line break
	return nil
}
