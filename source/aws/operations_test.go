package aws_test

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/sourcetest"
)

const services = "github.com/aws/aws-sdk-go-v2/service/"

// callsOf are the operations whose input a Go file names, as "s3 ListObjectsV2": without an input nothing is called.
func callsOf(t *testing.T, path string) (calls []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	clients := map[string]string{} // name in this file: package
	for _, spec := range file.Imports {
		name, ok := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), services)
		if !ok || strings.Contains(name, "/") {
			continue
		}
		called := name
		if spec.Name != nil {
			called = spec.Name.Name
		}
		clients[called] = name
	}
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := sel.X.(*ast.Ident)
		op, isInput := strings.CutSuffix(sel.Sel.Name, "Input")
		if ok && isInput && clients[pkg.Name] != "" {
			calls = append(calls, clients[pkg.Name]+" "+op)
		}
		return true
	})
	return calls
}

// Every operation that the program calls is in the table, and whatever is in the table is called.
func TestOnlyListedOperationsAreCalled(t *testing.T) {
	listed := map[string]bool{} // and whether it was found
	for _, o := range aws.Operations() {
		listed[strings.ToLower(strings.ReplaceAll(o.Service, " ", ""))+" "+o.Name] = false
	}
	for _, root := range []string{"../../source", "../../tui", "../../index", "../../main.go"} {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "sourcetest") {
				return err
			}
			for _, call := range callsOf(t, path) {
				if _, ok := listed[call]; !ok {
					t.Errorf("%s calls %s, which is not in the table of operations", path, call)
				}
				listed[call] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, o := range aws.Operations() {
		call := strings.ToLower(strings.ReplaceAll(o.Service, " ", "")) + " " + o.Name
		bySDK := o.Service == "" || len(o.Places) > 0 && o.Places[len(o.Places)-1] == aws.PlaceCredentials
		if !listed[call] && !bySDK {
			t.Errorf("%s is in the table and never called", call)
		}
	}
}

// reading are the beginnings of names of operations that change nothing.
var reading = []string{"Get", "List", "Head", "Describe", "Lookup", "Decrypt"}

func TestOperationsOnlyRead(t *testing.T) {
	for _, o := range aws.Operations() {
		ok := len(o.Places) == 1 && o.Places[0] == aws.PlaceCredentials || o.Name == "AssumeRole"
		for _, r := range reading {
			ok = ok || strings.HasPrefix(o.Name, r)
		}
		if !ok {
			t.Errorf("%s %s may change something", o.Service, o.Name)
		}
		if o.Why == "" || len(o.Commands) == 0 || len(o.Places) == 0 || o.Action != "" && (o.Resource == "" || o.Statement == "") {
			t.Errorf("%+v is not told in full", o)
		}
	}
}

// A session sends nothing that is not in the table, whoever asks.
func TestSessionRefusesOtherOperations(t *testing.T) {
	withKeys(t)
	a := sourcetest.NewAWS(t)
	a.NewBucket("logs", "us-east-1", 10)
	cfg := load(t, aws.Options{Endpoint: a.URL, Region: "us-east-1"}).Config()
	bucket, trail := bucketClient(cfg), cloudtrail.NewFromConfig(cfg)
	for name, call := range map[string]func(ctx context.Context) error{
		"S3 DeleteObject": func(ctx context.Context) error {
			_, err := bucket.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: sdk.String("logs"), Key: sdk.String("k")})
			return err
		},
		"S3 PutObject": func(ctx context.Context) error {
			_, err := bucket.PutObject(ctx, &s3.PutObjectInput{Bucket: sdk.String("logs"), Key: sdk.String("k"), Body: strings.NewReader("x")})
			return err
		},
		"S3 ListBuckets": func(ctx context.Context) error {
			_, err := bucket.ListBuckets(ctx, &s3.ListBucketsInput{})
			return err
		},
		"CloudTrail StopLogging": func(ctx context.Context) error {
			_, err := trail.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: sdk.String("t")})
			return err
		},
	} {
		err := aws.Explain(call(t.Context()), "thing", "")
		e, ok := errors.AsType[*source.Error](err)
		if !ok || e.Thing != name || !strings.Contains(e.Reason, "not in its list of read-only operations") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if r := a.Requests(); len(r) > 0 {
		t.Errorf("sent: %+v", r)
	}
}
