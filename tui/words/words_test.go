package words_test

import (
	"bytes"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/demo"
	"github.com/trailsift/trailsift/tui/words"
)

var update = flag.Bool("update", false, "write golden files")

// TestSentence holds the parts of a sentence to what a person would say: who, from where, what, and how it ended.
func TestSentence(t *testing.T) {
	f := func(raw, want string) {
		t.Helper()
		if got := words.Sentence([]byte(raw)); got != want {
			t.Errorf("%s\n got %s\nwant %s", raw, got, want)
		}
	}
	const (
		here = `,"recipientAccountId":"111122223333","sourceIPAddress":"203.0.113.9"`
		bob  = `{"userIdentity":{"type":"IAMUser","userName":"bob-admin","accountId":"111122223333"}` + here
		role = `{"userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/deploy/ci-17","accountId":"111122223333"` +
			`,"sessionContext":{"sessionIssuer":{"type":"Role","userName":"deploy"}}}`
		iam, s3, ec2 = `,"eventSource":"iam.amazonaws.com"`, `,"eventSource":"s3.amazonaws.com"`, `,"eventSource":"ec2.amazonaws.com"`
	)
	f(bob+iam+`,"eventName":"CreateAccessKey","requestParameters":{"userName":"svc-backup"}}`,
		"bob-admin, from 203.0.113.9, created an access key for svc-backup; succeeded")
	f(bob+iam+`,"eventName":"CreateAccessKey","requestParameters":null}`, "bob-admin, from 203.0.113.9, created an access key; succeeded")
	f(bob+iam+`,"eventName":"AttachUserPolicy","requestParameters":{"userName":"x","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}}`,
		"bob-admin, from 203.0.113.9, attached policy AdministratorAccess to user x; succeeded")

	// How it ended. What did not happen is not told as if it had.
	f(bob+s3+`,"eventName":"DeleteBucket","requestParameters":{"bucketName":"prod"},"errorCode":"AccessDenied"}`,
		"bob-admin, from 203.0.113.9, tried to delete bucket prod; was denied (AccessDenied)")
	f(bob+s3+`,"eventName":"DeleteBucket","requestParameters":{"bucketName":"prod"},"errorCode":"BucketNotEmpty","errorMessage":"not empty"}`,
		"bob-admin, from 203.0.113.9, tried to delete bucket prod; failed: BucketNotEmpty, not empty")
	f(bob+ec2+`,"eventName":"StopInstances","requestParameters":{"instancesSet":{"items":[{"instanceId":"i-1"}]}},"errorCode":"Client.RequestLimitExceeded"}`,
		"bob-admin, from 203.0.113.9, tried to stop i-1; was throttled (Client.RequestLimitExceeded)")
	f(`{"userIdentity":{"type":"Root","accountId":"111122223333"}`+here+`,"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin",`+
		`"errorMessage":"Failed authentication","responseElements":{"ConsoleLogin":"Failure"},"additionalEventData":{"MFAUsed":"No"}}`,
		"the root user, from 203.0.113.9, tried to sign in to the console (MFA used: No); failed: Failed authentication")

	// Who: roles, services, other accounts, the person behind, the service in between.
	f(role+here+s3+`,"eventName":"PutBucketPolicy","requestParameters":{"bucketName":"b"}}`,
		"ci-17 in role deploy, from 203.0.113.9, wrote the policy of bucket b; succeeded")
	f(strings.Replace(role, `"sessionContext":{`, `"sessionContext":{"sourceIdentity":"alice",`, 1)+here+s3+`,"eventName":"DeleteBucket","requestParameters":{"bucketName":"b"}}`,
		"alice as ci-17 in role deploy, from 203.0.113.9, deleted bucket b; succeeded")
	f(strings.Replace(role, "{", `{"recipientAccountId":"444455556666",`, 1)+`,"sourceIPAddress":"cloudformation.amazonaws.com","eventSource":"sts.amazonaws.com"`+
		`,"eventName":"AssumeRole","requestParameters":{"roleArn":"arn:aws:iam::777788889999:role/x/admin","roleSessionName":"s"}}`,
		"ci-17 in role deploy of account 111122223333, through CloudFormation, assumed role x/admin of account 777788889999 as s; succeeded")
	f(`{"userIdentity":{"type":"AWSService","invokedBy":"ec2.amazonaws.com"},"sourceIPAddress":"ec2.amazonaws.com","eventSource":"sts.amazonaws.com"`+
		`,"eventName":"AssumeRole","requestParameters":{"roleArn":"arn:aws:iam::111122223333:role/web"}}`,
		"AWS service EC2, assumed role web; succeeded")

	// Lists, and values that grant access.
	f(bob+ec2+`,"eventName":"TerminateInstances","requestParameters":{"instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"},{"instanceId":"i-3"},{"instanceId":"i-4"},{"instanceId":"i-4"}]}}}`,
		"bob-admin, from 203.0.113.9, terminated i-1, i-2, i-3 and 1 more; succeeded")

	// Calls without a sentence of their own.
	f(bob+ec2+`,"eventName":"DescribeDBInstances"}`, "bob-admin, from 203.0.113.9, described DB instances in EC2; succeeded")
	f(bob+ec2+`,"eventName":"DeleteNatGateway","requestParameters":{"natGatewayId":"nat-1","vpcId":"vpc-1"}}`,
		"bob-admin, from 203.0.113.9, deleted the NAT gateway nat-1 in EC2; succeeded")
	f(bob+ec2+`,"eventName":"CreateSubnet","requestParameters":{"vpcId":"vpc-1"}}`, "bob-admin, from 203.0.113.9, created a subnet in EC2; succeeded")
	f(bob+ec2+`,"eventName":"SomethingHappened"}`, "bob-admin, from 203.0.113.9, called SomethingHappened of EC2; succeeded")
	f(bob+`,"eventSource":"lambda.amazonaws.com","eventName":"UpdateFunctionCode20150331v2","requestParameters":{"functionName":"arn:aws:lambda:us-east-1:111122223333:function:pay"}}`,
		"bob-admin, from 203.0.113.9, changed the code of function pay; succeeded")

	// What is no call of anybody has no sentence.
	f(`{"eventCategory":"Insight","eventName":"RunInstances","eventSource":"ec2.amazonaws.com"}`, "")
	f(`{"eventName":7}`, "")
	f(`[]`, "")
	f(`{`, "")
}

// TestSentencesOfDemo: of each call that changes something and each outcome in the demo the first, in order.
func TestSentencesOfDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("reads the whole demo")
	}
	seen := map[string]string{}
	d := demo.New(demo.Options{Events: 4000})
	for f, err := range d.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		o, err := d.Open(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		collect(t, o.Body, seen)
		o.Body.Close()
	}
	var lines []string
	for k, s := range seen {
		if _, name, _ := strings.Cut(k, " "); strings.HasPrefix(name, "List") || strings.HasPrefix(name, "Describe") || strings.HasPrefix(name, "Get") {
			continue
		}
		lines = append(lines, k+"\n\t"+s+"\n")
	}
	slices.Sort(lines)
	golden(t, "demo", strings.Join(lines, ""))
}

// TestSentencesOfRealLogs: whatever people have logged, a sentence is one that ends.
func TestSentencesOfRealLogs(t *testing.T) {
	if testing.Short() {
		t.Skip("reads all real logs")
	}
	root := "../../../shared/data"
	if _, err := os.Stat(root); err != nil {
		t.Skip("no real logs here: ", err)
	}
	seen := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		collect(t, f, seen)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) < 500 {
		t.Errorf("only %d kinds of events", len(seen))
	}
	for k, s := range seen {
		// A summary or an Insight has none.
		said, ended, _ := strings.Cut(s, "; ")
		if s != "" && (!strings.Contains(said, ", ") || ended == "" || strings.ContainsAny(said, "{}")) {
			t.Errorf("%s: %q", k, s)
		}
	}
}

// collect notes the first sentence of each call and outcome in a log file.
func collect(t *testing.T, r io.Reader, seen map[string]string) {
	t.Helper()
	var dec source.Decoder
	for e := range dec.Events(r) {
		k := string(e.Service()) + " " + string(e.Name()) + " " + e.Outcome()
		if _, ok := seen[k]; !ok {
			seen[k] = words.Sentence(bytes.Clone(e.Raw))
		}
	}
}

// FuzzSentence: no record makes it panic, and values that grant access are never told.
func FuzzSentence(f *testing.F) {
	f.Add([]byte(`{"eventName":"RunInstances","eventSource":"ec2.amazonaws.com","requestParameters":{"name":[[["x"]]],"password":"hunter2"}}`))
	f.Add([]byte(`{"eventName":"A","eventSource":"iam.amazonaws.com","userIdentity":[],"requestParameters":"x"}`))
	f.Fuzz(func(_ *testing.T, raw []byte) { words.Sentence(raw) })
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-update writes it):\n%s", path, d)
	}
}
