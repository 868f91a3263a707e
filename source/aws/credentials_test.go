package aws_test

import (
	"crypto/sha1" //nolint:gosec // the name of the SDK's cache of tokens
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/sourcetest"
)

const otherRole = "arn:aws:iam::444455556666:role/audit"

// withConfig is a machine with a config file and an STS of its own.
func withConfig(t *testing.T, config string) (*sourcetest.AWS, *sourcetest.Proxy) {
	t.Helper()
	alone(t)
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", path)
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	a := sourcetest.NewAWS(t)
	p := sourcetest.NewProxy(t, a.URL, sourcetest.ProxyOptions{})
	t.Setenv("AWS_ENDPOINT_URL", p.URL)
	t.Setenv("AWS_REGION", "us-east-1")
	return a, p
}

const basics = "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = s\n"

// Every request names the program, those of the credential chain among them.
func TestEveryRequestNamesTheProgram(t *testing.T) {
	_, p := withConfig(t, basics+"[profile audit]\nrole_arn = "+otherRole+"\nsource_profile = base\n")
	session := load(t, aws.Options{Version: "1.2.3", Profile: "audit"})
	who, err := session.Identity(t.Context())
	if err != nil || who.Account != "444455556666" {
		t.Errorf("identity %+v, %v", who, err)
	}
	as, err := session.As("arn:aws:iam::777788889999:role/deep/reader")
	if err != nil {
		t.Fatal(err)
	}
	if who, err := as.Identity(t.Context()); err != nil || who.Account != "777788889999" {
		t.Errorf("identity of a role %+v, %v", who, err)
	}
	for _, ask := range questions {
		_ = ask(t.Context(), as.Config()) // there is no bucket; the requests count
	}
	if p.Count("sts:AssumeRole") != 2 || p.Count("sts:GetCallerIdentity") != 3 {
		t.Errorf("%d AssumeRole, %d GetCallerIdentity", p.Count("sts:AssumeRole"), p.Count("sts:GetCallerIdentity"))
	}
	for _, c := range p.Calls() {
		if !strings.Contains(c.Agent, "trailsift/1.2.3") {
			t.Errorf("%s by %s", c.Op, c.Agent)
		}
	}
}

func TestRoles(t *testing.T) {
	_, p := withConfig(t, basics)
	session := load(t, aws.Options{Profile: "base"})
	for _, bad := range []string{"audit", "arn:aws:iam::444455556666:user/x", "arn:aws:s3:::b", "arn:aws:iam::1:role/x"} {
		if _, err := session.As(bad); err == nil {
			t.Errorf("%s is taken for a role", bad)
		}
	}
	as, err := session.As(otherRole)
	if err != nil {
		t.Fatal(err)
	}
	if who, ok := as.Role(); !ok || who.Account != "444455556666" || who.Partition != "aws" || p.Count("") != 0 {
		t.Errorf("%+v, %v after %d requests", who, ok, p.Count(""))
	}
	p.Set(sourcetest.ProxyOptions{Deny: []string{"sts:AssumeRole"}})
	_, err = as.Identity(t.Context())
	thing, _, _ := reason(t, err)
	words(t, err, "access denied: sts:AssumeRole", "in the role's trust policy")
	if thing != otherRole {
		t.Errorf("about %s", thing)
	}
	// It is the same error wherever the credentials are needed, and it is asked for once.
	n := p.Count("sts:AssumeRole")
	err = aws.Explain(questions["s3:GetObject"](t.Context(), as.Config()), "s3://logs/x", "s3:GetObject")
	words(t, err, "access denied: sts:AssumeRole", "in the role's trust policy")
	if p.Count("sts:AssumeRole") != n+1 {
		t.Errorf("asked %d times", p.Count("sts:AssumeRole")-n)
	}
}

func TestMFA(t *testing.T) {
	const device = "arn:aws:iam::111122223333:mfa/bob"
	a, p := withConfig(t, basics+"[profile audit]\nrole_arn = "+otherRole+"\nsource_profile = base\nmfa_serial = "+device+"\n")
	session := load(t, aws.Options{Profile: "audit"})
	if !session.AsksPerson() || p.Count("") != 0 {
		t.Errorf("asks a person: %v, after %d requests", session.AsksPerson(), p.Count(""))
	}
	_, err := session.Identity(t.Context())
	words(t, err, "its role needs a code of the MFA device "+device, "run it on a terminal")

	asked := 0
	session = load(t, aws.Options{Profile: "audit", MFA: func(serial string) (string, error) {
		asked++
		if serial != device {
			t.Errorf("asked for %s", serial)
		}
		return " 123456\n", nil
	}})
	for range 3 {
		if err := session.Ready(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if got := a.Assumed(); asked != 1 || len(got) != 1 || got[0].Code != "123456" || got[0].Device != device || got[0].Session != "trailsift" {
		t.Errorf("asked %d times: %+v", asked, got)
	}
	refuses := load(t, aws.Options{Profile: "audit", MFA: func(string) (string, error) {
		return "", &source.Error{Thing: "you", Reason: "gave none", Hint: "give one"}
	}})
	err = refuses.Ready(t.Context())
	words(t, err, "gave none", "give one")
}

func TestWhereCredentialsComeFrom(t *testing.T) {
	for name, c := range map[string]struct {
		config     string
		want, hint string
	}{
		"SSO never started": {
			"[profile p]\nsso_session = s\nsso_account_id = 111122223333\nsso_role_name = R\n[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://x.awsapps.com/start\n",
			"the SSO session has expired or was never started", "aws sso login --profile p",
		},
		"old SSO": {
			"[profile p]\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 111122223333\nsso_role_name = R\n",
			"the SSO session has expired or was never started", "aws sso login --profile p",
		},
		"aws login": {"[profile p]\nlogin_session = arn:aws:iam::111122223333:user/bob\n", "the session of aws login has expired or was never started", "aws login --profile p"},
		"process fails": {
			"[profile p]\ncredential_process = sh -c 'echo no luck >&2; exit 3'\n", "its credential_process gives no credentials", "by itself",
		},
		"process says nothing": {"[profile p]\ncredential_process = true\n", "its credential_process gives no credentials", "by itself"},
		"nothing":              {"[profile p]\nregion = us-east-1\n", "no credentials found", "aws sso login --profile p"},
		"half":                 {"[profile p]\naws_access_key_id = AKIA\n", "its access key or its secret key is missing", "aws configure"},
		"role without source":  {"[profile p]\nrole_arn = " + otherRole + "\nsource_profile = gone\n", "no such profile", "list-profiles"},
		"web identity":         {"[profile p]\nrole_arn = " + otherRole + "\nweb_identity_token_file = /nowhere/token\n", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, p := withConfig(t, c.config)
			begin := time.Now()
			session, err := aws.Load(t.Context(), aws.Options{Profile: "p"})
			if err == nil {
				_, err = session.Identity(t.Context())
			}
			words(t, err, c.want, c.hint)
			if thing, _, _ := reason(t, err); thing != "profile p" && thing != "profile gone" {
				t.Errorf("about %q", thing)
			}
			if took := time.Since(begin); took > 3*time.Second {
				t.Errorf("said after %v", took)
			}
			if n := p.Count("sts:GetCallerIdentity"); n > 0 {
				t.Errorf("%d requests without credentials", n)
			}
		})
	}
}

func TestCredentialProcess(t *testing.T) {
	withConfig(t, `[profile p]
credential_process = echo '{"Version":1,"AccessKeyId":"AKIAPROCESS","SecretAccessKey":"s"}'
`)
	if who, err := load(t, aws.Options{Profile: "p"}).Identity(t.Context()); err != nil || who.Account == "" {
		t.Errorf("%+v, %v", who, err)
	}
}

// A session of IAM Identity Center whose token still counts, and one that AWS ended.
func TestSSOSession(t *testing.T) {
	_, p := withConfig(t, "[profile p]\nsso_session = s\nsso_account_id = 111122223333\nsso_role_name = R\n[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://x.awsapps.com/start\n")
	sum := sha1.Sum([]byte("s")) //nolint:gosec // as above
	path := filepath.Join(os.Getenv("HOME"), ".aws", "sso", "cache", hex.EncodeToString(sum[:])+".json")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	token := fmt.Sprintf(`{"accessToken":"t","expiresAt":%q,"region":"us-east-1","startUrl":"https://x.awsapps.com/start"}`,
		time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	if err := os.WriteFile(path, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	who, err := load(t, aws.Options{Profile: "p", Version: "1.2.3"}).Identity(t.Context())
	if err != nil || who.Account == "" || p.Count("sso:GetRoleCredentials") != 1 || !strings.Contains(p.Calls()[0].Agent, "trailsift/1.2.3") {
		t.Errorf("%+v, %v, %+v", who, err, p.Calls())
	}
	p.Set(sourcetest.ProxyOptions{Fault: func(c sourcetest.Call) *sourcetest.Fault {
		if c.Op != "sso:GetRoleCredentials" {
			return nil
		}
		return &sourcetest.Fault{Status: http.StatusUnauthorized, Code: "UnauthorizedException", Message: "Session token not found or invalid"}
	}})
	_, err = load(t, aws.Options{Profile: "p"}).Identity(t.Context())
	words(t, err, "the SSO session has expired or was never started", "aws sso login --profile p")
}

// Containers: the endpoint that gives credentials, and one that swallows what is sent.
func TestContainerCredentials(t *testing.T) {
	withConfig(t, "")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"AccessKeyId":"ASIACONTAINER","SecretAccessKey":"s","Token":"t","Expiration":"2126-01-01T00:00:00Z"}`)
	}))
	defer srv.Close()
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", srv.URL)
	if who, err := load(t, aws.Options{}).Identity(t.Context()); err != nil || who.Account == "" {
		t.Errorf("%+v, %v", who, err)
	}
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", silent(t))
	begin := time.Now()
	_, err := load(t, aws.Options{}).Identity(t.Context())
	words(t, err, "the credentials cannot be had: no answer in time", "check the network")
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("said after %v", took)
	}
}

// As with the AWS CLI an endpoint given by flag is where the services are asked, not where a profile gets credentials.
func TestEndpointIsNotThatOfCredentials(t *testing.T) {
	_, p := withConfig(t, basics+"[profile audit]\nrole_arn = "+otherRole+"\nsource_profile = base\n")
	there := sourcetest.NewProxy(t, sourcetest.NewAWS(t).URL, sourcetest.ProxyOptions{})
	t.Setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
	session := load(t, aws.Options{Profile: "audit", Endpoint: there.URL})
	if _, err := session.Identity(t.Context()); err != nil {
		t.Error(err)
	}
	_ = questions["s3:ListBucket"](t.Context(), session.Config())
	if p.Count("sts:AssumeRole") != 1 || p.Count("") != 1 || there.Count("sts:GetCallerIdentity") != 1 || there.Count("s3:ListBucket") != 1 {
		t.Errorf("there %d of %d, here %d", p.Count("sts:AssumeRole"), p.Count(""), there.Count(""))
	}
}
