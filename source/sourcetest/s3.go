package sourcetest

import (
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

var defaultRetryer = retry.NewStandard()

// An S3Object is what a bucket holds under a key.
type S3Object struct {
	Body     []byte
	Meta     map[string]string // user metadata, without "x-amz-meta-"
	Encoding string            // Content-Encoding
	ModTime  time.Time         // zero: 2026-11-20T12:00:00Z
	Class    string            // storage class
}

type bucket struct {
	region  string
	objects map[string]S3Object
	page    int // keys a page
}

// NewBucket makes a bucket in a Region that lists page keys at a time, at most 1000.
func (a *AWS) NewBucket(name, region string, page int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.buckets[name] = &bucket{region: region, objects: map[string]S3Object{}, page: min(page, 1000)}
}

// Put stores an object.
func (a *AWS) Put(bucket, key string, obj S3Object) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if obj.ModTime.IsZero() {
		obj.ModTime = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	}
	a.buckets[bucket].objects[key] = obj
}

// Delete removes an object.
func (a *AWS) Delete(bucket, key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.buckets[bucket].objects, key)
}

func etag(o S3Object) string { return fmt.Sprintf(`"%x-%d"`, len(o.Body), o.ModTime.UnixNano()) }

func (a *AWS) object(w http.ResponseWriter, req *http.Request) {
	name, key, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/"), "/")
	query := req.URL.Query()
	r := Request{Op: req.Method + " " + req.URL.Path, Bucket: name}
	switch {
	case req.Method == http.MethodHead && key == "":
		r.Op = "HeadBucket"
	case req.Method == http.MethodGet && query.Get("list-type") == "2":
		r.Op, r.Key = "ListObjectsV2", query.Get("prefix")
	case req.Method == http.MethodGet && key != "":
		r.Op, r.Key = "GetObject", key
	}
	f := a.note(r, req)
	a.mu.Lock()
	b := a.buckets[name]
	a.mu.Unlock()
	switch {
	case f.Status != 0:
		s3Error(w, f.Status, f.Code, f.Message)
	case b == nil:
		s3Error(w, http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
	case signedRegion(req) != b.region:
		w.Header().Set("X-Amz-Bucket-Region", b.region)
		s3Error(w, http.StatusMovedPermanently, "PermanentRedirect", "The bucket must be addressed by another endpoint.")
	case r.Op == "HeadBucket":
		w.Header().Set("X-Amz-Bucket-Region", b.region)
	case r.Op == "ListObjectsV2":
		a.list(w, b, name, query)
	case r.Op == "GetObject":
		a.get(w, req, b, key, f)
	default:
		s3Error(w, http.StatusMethodNotAllowed, "MethodNotAllowed", "not for tests")
	}
}

func s3Error(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, message)
}

type listResult struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	Name, Prefix          string
	KeyCount, MaxKeys     int
	IsTruncated           bool
	NextContinuationToken string `xml:",omitempty"`
	EncodingType          string `xml:",omitempty"`
	Contents              []listEntry
	CommonPrefixes        []listPrefix
}

type listEntry struct {
	Key, LastModified, ETag, StorageClass string
	Size                                  int
}

type listPrefix struct{ Prefix string }

func (a *AWS) list(w http.ResponseWriter, b *bucket, name string, q url.Values) {
	a.mu.Lock()
	defer a.mu.Unlock()
	prefix, delimiter := q.Get("prefix"), q.Get("delimiter")
	// A token is the last key given, or "folder:" and the last common prefix.
	token := q.Get("continuation-token")
	folder, inFolder := strings.CutPrefix(token, "folder:")
	page := b.page
	if n, err := strconv.Atoi(q.Get("max-keys")); err == nil {
		page = min(page, n)
	}
	encode := func(s string) string { return s }
	out := listResult{Name: name, Prefix: prefix, MaxKeys: page, EncodingType: q.Get("encoding-type")}
	if out.EncodingType == "url" {
		encode = url.QueryEscape
	}
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		done := key <= token
		if inFolder {
			done = key <= folder || strings.HasPrefix(key, folder)
		}
		if !strings.HasPrefix(key, prefix) || done {
			continue
		}
		common := ""
		if delimiter != "" {
			if i := strings.Index(key[len(prefix):], delimiter); i >= 0 {
				common = key[:len(prefix)+i+len(delimiter)]
			}
		}
		if n := len(out.CommonPrefixes); common != "" && n > 0 && out.CommonPrefixes[n-1].Prefix == encode(common) {
			continue
		}
		if out.KeyCount == page {
			out.IsTruncated = true
			break
		}
		out.KeyCount++
		if common != "" {
			out.CommonPrefixes = append(out.CommonPrefixes, listPrefix{encode(common)})
			out.NextContinuationToken = "folder:" + common
			continue
		}
		o := b.objects[key]
		class := o.Class
		if class == "" {
			class = "STANDARD"
		}
		out.NextContinuationToken = key
		out.Contents = append(out.Contents, listEntry{encode(key), o.ModTime.Format(time.RFC3339), etag(o), class, len(o.Body)})
	}
	if !out.IsTruncated {
		out.NextContinuationToken = ""
	}
	w.Header().Set("Content-Type", "application/xml")
	if err := xml.NewEncoder(w).Encode(out); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func (a *AWS) get(w http.ResponseWriter, req *http.Request, b *bucket, key string, f *Fault) {
	a.mu.Lock()
	o, ok := b.objects[key]
	a.mu.Unlock()
	if !ok {
		s3Error(w, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
		return
	}
	if o.Class == "GLACIER" {
		s3Error(w, http.StatusForbidden, "InvalidObjectState", "The operation is not valid for the object's storage class")
		return
	}
	if match := req.Header.Get("If-Match"); match != "" && match != etag(o) {
		s3Error(w, http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions did not hold")
		return
	}
	body, status := o.Body, http.StatusOK
	if from, ok := strings.CutPrefix(req.Header.Get("Range"), "bytes="); ok {
		n, err := strconv.Atoi(strings.TrimSuffix(from, "-"))
		if err != nil || n >= len(body) {
			s3Error(w, http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable")
			return
		}
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", n, len(body)-1, len(body)))
		body, status = body[n:], http.StatusPartialContent
	}
	for k, v := range o.Meta {
		w.Header().Set("X-Amz-Meta-"+k, v)
	}
	if o.Encoding != "" {
		w.Header().Set("Content-Encoding", o.Encoding)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("ETag", etag(o))
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if f.Cut > 0 && f.Cut < len(body) {
		if _, err := w.Write(body[:f.Cut]); err == nil {
			_ = http.NewResponseController(w).Flush()
		}
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body) // a client may go away
}
