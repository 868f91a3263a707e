package history

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/klauspost/compress/gzip"

	"github.com/trailsift/trailsift/source"
)

const (
	pageEvents = 50 // the most AWS gives
	// memberBytes is how much text is gzipped at once. Members end with the first event beyond it, counted from the newest
	// one, so that the bytes depend on the events alone and not on how they came in pages.
	memberBytes = 128 << 10
)

// A stream is the log file of a window while it is asked for: {"Events":[…]}, newest first, as gzip members. The lane's lock
// guards it.
type stream struct {
	window
	h     *History
	key   string
	in    *cloudtrail.LookupEventsInput
	begun time.Time

	open  bool // somebody reads it
	busy  bool // a request is under way
	gone  bool // forgotten: what still comes is not kept
	after time.Time
	// failed and throttled count the attempts of the page that is due.
	failed, throttled int

	text  bytes.Buffer // not gzipped yet
	ready [][]byte     // members not read yet
	pages int
	some  bool // an event was written
	done  bool // the last page has come
	err   error
	ids   []eventID // of recent events
	look  *look     // nil: all events of the window
}

func newStream(h *History, w window) *stream {
	// Both ends count, and event times are whole seconds: the last second of the window is the end. An end in the future
	// would shift between two pages.
	now := h.opt.Now().UTC()
	start, last := w.start, w.end().Add(-time.Second)
	if n := now.Truncate(time.Second); n.Before(last) && !n.Before(start) {
		last = n
	}
	// AWS has nothing older, and may refuse a range that begins before it.
	if oldest := now.Add(-Reach).Truncate(time.Second); start.Before(oldest) && oldest.Before(last) && h.client.Options().BaseEndpoint == nil {
		start = oldest
	}
	return beginStream(h, w, w.key(h.account), lookupInput(start, last, w.about))
}

func beginStream(h *History, w window, key string, in *cloudtrail.LookupEventsInput) *stream {
	s := &stream{window: w, h: h, key: key, begun: time.Now(), in: in}
	s.text.WriteString(`{"Events":[`)
	return s
}

// lookupInput is the request for the time from start to last, both included.
func lookupInput(start, last time.Time, about about) *cloudtrail.LookupEventsInput {
	in := &cloudtrail.LookupEventsInput{StartTime: sdk.Time(start), EndTime: sdk.Time(last), MaxResults: sdk.Int32(pageEvents)}
	if about == aboutInsight {
		in.EventCategory = types.EventCategoryInsight
	} else if a := about.attribute(); a != (Attribute{}) {
		in.LookupAttributes = []types.LookupAttribute{
			{AttributeKey: types.LookupAttributeKey(a.Key), AttributeValue: sdk.String(a.Value)},
		}
	}
	return in
}

// askable says that the next page may be asked for now.
func (s *stream) askable() bool {
	return !s.busy && !s.done && s.err == nil && !time.Now().Before(s.after)
}

// take adds a page.
func (s *stream) take(out *cloudtrail.LookupEventsOutput) {
	s.failed, s.throttled = 0, 0
	s.pages++
	fresh := len(s.ids)
	for i := range out.Events {
		if err := s.write(&out.Events[i]); err != nil {
			s.err = &source.Error{Thing: s.key, Reason: "an event that has no JSON form", Err: err}
			return
		}
	}
	last := sdk.ToString(s.in.NextToken)
	s.in.NextToken = out.NextToken
	switch next := sdk.ToString(out.NextToken); {
	case next == "", s.look != nil && !s.look.whole && len(out.Events) > 0 && len(s.ids) == fresh:
		s.finish()
	case next == last:
		s.err = &source.Error{Thing: s.key, Reason: "AWS gives the same page again and again"}
	}
}

// finish ends the log file.
func (s *stream) finish() {
	s.done = true
	s.text.WriteString("]}\n")
	s.member()
}

// member gzips the text there is.
func (s *stream) member() {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(s.text.Bytes())
	if cerr := z.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		s.err = &source.Error{Thing: s.key, Reason: "gzip: " + err.Error(), Err: err}
		return
	}
	s.text.Reset()
	if !s.gone {
		s.ready = append(s.ready, b.Bytes())
		s.h.spooled.Add(int64(b.Len()))
	}
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

func (s *stream) write(e *types.Event) error {
	id, recent := s.h.recentID(e)
	if s.look != nil && s.h.wasGiven(s.region, id) {
		return nil
	}
	if recent || s.look != nil {
		s.ids = append(s.ids, id)
	}
	out := lookupEvent{
		EventID: e.EventId, EventName: e.EventName, ReadOnly: e.ReadOnly, AccessKeyID: e.AccessKeyId, EventTime: e.EventTime,
		EventSource: e.EventSource, Username: e.Username, CloudTrailEvent: e.CloudTrailEvent,
	}
	for _, r := range e.Resources {
		out.Resources = append(out.Resources, lookupResource{r.ResourceType, r.ResourceName})
	}
	if s.some {
		s.text.WriteByte(',')
	}
	s.some = true
	enc := json.NewEncoder(&s.text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		return err
	}
	s.text.Truncate(s.text.Len() - 1) // the line break
	if s.text.Len() >= memberBytes {
		s.member()
	}
	return s.err
}

// A reader is the body of an opened window.
type reader struct {
	ctx    context.Context
	l      *lane
	s      *stream
	now    []byte // of the member being read
	closed bool
	whole  bool // read to the end
}

func (r *reader) Read(b []byte) (int, error) {
	for len(r.now) == 0 {
		member, err := r.next()
		if err != nil {
			return 0, err
		}
		r.now = member
	}
	n := copy(b, r.now)
	r.now = r.now[n:]
	return n, nil
}

// next waits for the next member.
func (r *reader) next() ([]byte, error) {
	for {
		if r.closed {
			return nil, io.ErrClosedPipe
		}
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		r.l.mu.Lock()
		changed, s := r.l.changed, r.s
		if len(s.ready) > 0 {
			member := s.ready[0]
			s.ready = s.ready[1:]
			r.l.h.spooled.Add(-int64(len(member)))
			r.l.tell()
			r.l.mu.Unlock()
			return member, nil
		}
		done, err := s.done, s.err
		r.l.mu.Unlock()
		switch {
		case err != nil:
			return nil, err
		case done:
			r.whole = true
			return nil, io.EOF
		}
		select {
		case <-changed:
		case <-r.ctx.Done():
		}
	}
}

// Close ends reading. It is not to be called while Read runs.
func (r *reader) Close() error {
	if r.closed {
		return nil
	}
	r.closed, r.now = true, nil
	if r.whole {
		r.l.h.giveOut(r.l.region, r.s.ids)
	}
	r.l.detach(r.ctx, r.s, false)
	return nil
}
