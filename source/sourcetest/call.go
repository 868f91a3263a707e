package sourcetest

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
)

// A Call is a request to AWS, as far as it can be told from outside.
type Call struct {
	Op       string // "s3:ListObjectsV2", "cloudtrail:LookupEvents"
	Action   string // the IAM action it needs: "s3:ListBucket"; else as Op
	Service  string // "s3"
	Region   string // it was signed for
	Resource string // ARN of the bucket or object; "*" for others
	Key      string // of an object; the prefix of a listing
	Agent    string // user agent
	Nth      int    // how many times the same request came before
	Body     string // of the request

	protocol protocol
}

type protocol int

const (
	protocolS3 protocol = iota
	protocolJSON
	protocolQuery
)

// Is reports whether a name is the call's operation or action.
func (c Call) Is(name string) bool {
	return strings.EqualFold(name, c.Op) || strings.EqualFold(name, c.Action)
}

// unsigned are the operations of the credential chain, which carry no signature.
var unsigned = map[string]string{
	"GET /federation/credentials": "sso:GetRoleCredentials",
	"POST /token":                 "sso-oauth:CreateToken",
	"POST /v1/token":              "signin:CreateOAuth2Token",
}

// CallOf tells which operation of AWS a request is; false where it is none.
func CallOf(req *http.Request, body []byte) (Call, bool) {
	c := Call{Agent: req.UserAgent(), Body: string(body), Resource: "*", protocol: protocolJSON}
	service, region := signedFor(req)
	c.Region = region
	if op, ok := unsigned[req.Method+" "+req.URL.Path]; ok && service == "" {
		c.Op, c.Action = op, op
		c.Service, _, _ = strings.Cut(op, ":")
		return c, true
	}
	name := ""
	if target := req.Header.Get("X-Amz-Target"); target != "" {
		name = target[strings.LastIndexByte(target, '.')+1:]
	} else if _, op, ok := strings.Cut(req.URL.Path, "/operation/"); ok && strings.HasPrefix(req.URL.Path, "/service/") {
		name = op
	} else if form, err := url.ParseQuery(string(body)); err == nil && form.Get("Action") != "" && req.Method == http.MethodPost {
		name, c.protocol = form.Get("Action"), protocolQuery
		if service == "" && strings.HasPrefix(name, "AssumeRoleWith") {
			service = "sts"
		}
	} else if service != "" && service != "s3" {
		name = strings.TrimPrefix(req.URL.Path, "/")
		name = strings.ToUpper(name[:min(1, len(name))]) + name[min(1, len(name)):]
	}
	switch {
	case name != "":
		c.Service, c.Op = service, service+":"+name
		c.Action = c.Op
	case service == "s3":
		c.s3(req)
	default:
		return Call{}, false
	}
	return c, true
}

// signedFor is the service and Region in the credential scope: Credential=KEY/20261120/us-east-1/s3/aws4_request.
func signedFor(req *http.Request) (service, region string) {
	_, scope, _ := strings.Cut(req.Header.Get("Authorization"), "Credential=")
	if parts := strings.Split(scope, "/"); len(parts) > 3 {
		return parts[3], parts[2]
	}
	return "", ""
}

// s3Actions are the IAM actions that have another name than the operation.
var s3Actions = map[string]string{
	"ListBuckets": "ListAllMyBuckets", "HeadBucket": "ListBucket", "ListObjects": "ListBucket", "ListObjectsV2": "ListBucket",
	"HeadObject": "GetObject",
}

// s3 tells a request in path style by method, path and query.
func (c *Call) s3(req *http.Request) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/"), "/")
	query := req.URL.Query()
	var name string
	switch {
	case bucket == "":
		name = "ListBuckets"
	case key == "" && req.Method == http.MethodHead:
		name = "HeadBucket"
	case key == "" && req.Method == http.MethodGet:
		name = bucketOp(query)
	case key == "":
		name = map[string]string{http.MethodPut: "CreateBucket", http.MethodDelete: "DeleteBucket", http.MethodPost: "DeleteObjects"}[req.Method]
	default:
		name = map[string]string{
			http.MethodGet: "GetObject", http.MethodHead: "HeadObject", http.MethodPut: "PutObject", http.MethodDelete: "DeleteObject",
			http.MethodPost: "RestoreObject",
		}[req.Method]
	}
	c.Service, c.Op, c.protocol = "s3", "s3:"+name, protocolS3
	c.Action = c.Op
	if action, ok := s3Actions[name]; ok {
		c.Action = "s3:" + action
	}
	if bucket != "" {
		c.Resource, c.Key = "arn:aws:s3:::"+bucket, query.Get("prefix")
	}
	if key != "" {
		c.Resource, c.Key = c.Resource+"/"+key, key
	}
}

func bucketOp(query url.Values) string {
	switch {
	case query.Get("list-type") == "2":
		return "ListObjectsV2"
	case query.Has("location"):
		return "GetBucketLocation"
	case query.Has("versions"):
		return "ListObjectVersions"
	case query.Has("acl"), query.Has("policy"), query.Has("versioning"), query.Has("logging"), query.Has("encryption"):
		for _, what := range []string{"acl", "policy", "versioning", "logging", "encryption"} {
			if query.Has(what) {
				return "GetBucket" + strings.ToUpper(what[:1]) + what[1:]
			}
		}
	}
	return "ListObjects"
}

// refuse answers with an error in the form of the service.
func refuse(w http.ResponseWriter, req *http.Request, c Call, f *Fault) {
	if f.Type != "" { // not AWS: the page of a proxy
		w.Header().Set("Content-Type", f.Type)
		if f.Header != "" {
			w.Header().Set(f.Header, "REQUEST")
		}
		w.WriteHeader(f.Status)
		fmt.Fprint(w, f.Detail)
		return
	}
	w.Header().Set("X-Amz-Request-Id", "REQUEST")
	if f.Region != "" {
		w.Header().Set("X-Amz-Bucket-Region", f.Region)
	}
	switch c.protocol {
	case protocolJSON:
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.Header().Set("X-Amzn-ErrorType", f.Code)
		jsonError(w, f.Status, f.Code, f.Message)
	case protocolQuery:
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(f.Status)
		fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>REQUEST</RequestId></ErrorResponse>`,
			f.Code, html.EscapeString(f.Message))
	case protocolS3:
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(f.Status)
		if req.Method != http.MethodHead {
			fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message>%s<RequestId>REQUEST</RequestId></Error>`,
				f.Code, html.EscapeString(f.Message), f.Detail)
		}
	}
}
