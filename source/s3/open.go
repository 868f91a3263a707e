package s3

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trailsift/trailsift/source"
)

const (
	// resumes of one body that was cut; each goes on where the last one ended.
	resumes = 5
	// idle is how long a body may stand still before it counts as cut.
	idle = 60 * time.Second
)

// Open gets a log file, as stored: an object with Content-Encoding gzip comes as gzip. A body that is cut is asked for
// again from where it ended, as long as the object is the same.
func (b *Bucket) Open(ctx context.Context, f source.File) (*source.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := &body{bucket: b, ctx: ctx, key: f.Key}
	out, err := r.get(ctx)
	if err != nil {
		return nil, r.explain(err)
	}
	r.etag = out.ETag
	r.size = -1
	if out.ContentLength != nil {
		r.size = *out.ContentLength
	}
	obj := &source.Object{Body: r}
	if len(out.Metadata) > 0 {
		obj.Meta = make(map[string]string, len(out.Metadata))
		for k, v := range out.Metadata {
			obj.Meta[source.MetaPrefix+strings.ToLower(k)] = v
		}
	}
	return obj, nil
}

// body reads an object, through several requests where one is cut.
type body struct {
	bucket *Bucket
	ctx    context.Context
	key    string
	etag   *string
	size   int64 // -1: not known
	offset int64 // read so far
	cuts   int

	answer io.ReadCloser
	cancel context.CancelFunc
	still  *time.Timer // ends a request that stands still
}

// get asks for the object from offset on.
func (r *body) get(ctx context.Context) (*s3.GetObjectOutput, error) {
	ctx, cancel := context.WithCancel(ctx)
	in := &s3.GetObjectInput{Bucket: &r.bucket.bucket, Key: &r.key, RequestPayer: r.bucket.payer}
	if r.offset > 0 {
		in.Range = sdk.String(rangeFrom(r.offset))
		in.IfMatch = r.etag
	}
	out, err := ask(r.bucket, func(c *s3.Client) (*s3.GetObjectOutput, error) { return c.GetObject(ctx, in) })
	if err != nil {
		cancel()
		return nil, err
	}
	if r.offset > 0 && out.ContentRange == nil { // a server that knows no ranges
		if _, err := io.CopyN(io.Discard, out.Body, r.offset); err != nil {
			_ = out.Body.Close()
			cancel()
			return nil, err
		}
	}
	r.answer, r.cancel = out.Body, cancel
	r.still = time.AfterFunc(idle, cancel)
	r.still.Stop()
	return out, nil
}

func (r *body) Read(p []byte) (int, error) {
	for {
		if err := r.ctx.Err(); err != nil {
			return 0, err
		}
		if r.answer == nil {
			return 0, io.ErrClosedPipe
		}
		r.still.Reset(idle)
		n, err := r.answer.Read(p)
		r.still.Stop()
		r.offset += int64(n)
		whole := r.size >= 0 && r.offset >= r.size
		switch {
		case n > 0 || len(p) == 0:
			return n, nil
		case whole || errors.Is(err, io.EOF) && r.size < 0:
			return 0, io.EOF
		case err == nil:
			return 0, nil
		}
		if err := r.resume(err); err != nil {
			return 0, err
		}
	}
}

// resume goes on after a cut, or gives the error to return.
func (r *body) resume(cause error) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if errors.Is(cause, io.EOF) || errors.Is(cause, context.Canceled) {
		cause = io.ErrUnexpectedEOF
	}
	r.cuts++
	if r.cuts > resumes {
		return r.explain(cause)
	}
	if err := r.Close(); err != nil {
		return r.explain(err)
	}
	delay, err := r.bucket.client.Load().Options().Retryer.RetryDelay(r.cuts, cause)
	if err != nil {
		return r.explain(cause)
	}
	select {
	case <-time.After(delay):
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
	if _, err := r.get(r.ctx); err != nil {
		return r.explain(err)
	}
	return nil
}

func (r *body) Close() error {
	if r.answer == nil {
		return nil
	}
	r.still.Stop()
	r.cancel()
	_ = r.answer.Close() // an answer given up has nothing to say
	r.answer = nil
	return nil
}

func (r *body) explain(err error) error {
	return r.bucket.explain(err, r.key, "s3:GetObject")
}

func rangeFrom(offset int64) string { return "bytes=" + strconv.FormatInt(offset, 10) + "-" }
