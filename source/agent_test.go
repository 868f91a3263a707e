package source_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/trailsift/trailsift/source"
)

const (
	appleWebKit = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
	cliAgent    = "aws-cli/2.15.30 md/awscrt#0.19.19 ua/2.0 os/linux md/arch#x86_64 lang/python#3.11.8 cfg/retry-mode#standard"
	terraform   = "APN/1.0 HashiCorp/1.0 Terraform/1.5.0 (+https://www.terraform.io) terraform-provider-aws/5.1.0 aws-sdk-go/1.44.2 (go1.20; linux; amd64)"
	javaTail    = " Linux/5.10 OpenJDK_64-Bit_Server_VM/25.3 java/1.8.0 vendor/Oracle_Corporation cfg/retry-mode/standard"
)

var agentTests = []struct{ agent, want string }{
	{"", ""},
	{"[]", ""},
	{"  ", ""},
	{"AWS Internal", "AWS Internal"},
	{"AWS Internal/3", "AWS Internal"},
	{"aws-internal/3 aws-sdk-java/1.12.5" + javaTail, "AWS Internal"},
	{"config.amazonaws.com", "config.amazonaws.com"},
	{"signin.amazonaws.com", "signin.amazonaws.com"},
	{"ec2.amazonaws.com.cn", "ec2.amazonaws.com.cn"},
	{"console.amazonaws.com", "console"},
	{"console.ec2.amazonaws.com", "console"},
	{"[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.4" + javaTail + "]", "console"},
	{"[S3Console/0.4 cfg/retry-mode/legacy]", "console"},
	{"[AWS Console S3, S3Console/0.4]", "console"},
	{"EC2ConsoleFrontend, aws-internal/3 aws-sdk-java/1.12.5", "console"},
	{"AWSCloudFormation, aws-internal/3 aws-sdk-java/1.12.5" + javaTail, "CloudFormation"},
	{"aws-cli/2.13.0", "aws-cli/2"},
	{cliAgent, "aws-cli/2"},
	{"[aws-cli/1.18.1 Python/3.8.5 Darwin/19.5.0 botocore/1.17.5]", "aws-cli/1"},
	{"aws-cli", "aws-cli"},
	{"aws-cli/x", "aws-cli"},
	{"aws-cli/10.1", "aws-cli"},
	{"Boto3/1.26.1 Python/3.10.6 Linux/5.19.0 Botocore/1.29.1", "Boto3"},
	{"Boto3/1.34.0 md/Botocore#1.34.0 ua/2.0 os/linux lang/python#3.12", "Boto3"},
	{"Botocore/1.31.0 md/pyimpl#CPython ua/2.0", "Botocore"},
	{"Botocore/1.21.0 Boto3/1.18.0", "Boto3"},
	{terraform, "Terraform"},
	{"[APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io) aws-sdk-go-v2/1.16]", "Terraform"},
	{"APN/1.0 HashiCorp/1.0 Terraform/1.5.0 Pulumi/3.0 terraform-provider-aws/dev", "Pulumi"},
	{"APN/1.0 OpenTofu/1.6.0 aws-sdk-go-v2/1.24.0", "OpenTofu"},
	{"aws-sdk-go-v2/1.17.0 os/linux lang/go/1.18.1 md/GOOS/linux md/GOARCH/amd64 api/sts/1.16.1", "aws-sdk-go-v2"},
	{"aws-sdk-go/1.44.0 (go1.19; linux; amd64)", "aws-sdk-go"},
	{"aws-sdk-go/1.44.0 (go1.19; linux; amd64) eksctl/0.140", "eksctl"},
	{"aws-sdk-go/1.41.4 (go1.18.3; linux; amd64) amazon-ssm-agent/", "amazon-ssm-agent"},
	{"elbv2.k8s.aws/v2.4.7 aws-sdk-go/1.42.27 (go1.18.6; linux; amd64)", "aws-load-balancer-controller"},
	{"kubectl/v1.28.2 (linux/amd64) kubernetes/89a4ea3", "kubectl"},
	{"aws-sdk-java/1.12.5" + javaTail, "aws-sdk-java"},
	{"aws-sdk-java/2.20.0 Linux/5.10 io/sync http/Apache", "aws-sdk-java"},
	{"aws-sdk-nodejs/2.1000.0 linux/v14.17.0 callback", "aws-sdk-js"},
	{"aws-sdk-js/3.400.0 ua/2.0 os/linux#5.10 lang/js md/nodejs#18.17", "aws-sdk-js"},
	{"aws-sdk-js/3.400.0 os/macOS lang/js md/browser#Chrome_115", "aws-sdk-js"},
	{"aws-sdk-rust/1.3.3 os/linux lang/rust/1.79", "aws-sdk-rust"},
	{"aws-sdk-ruby3/3.180.0 ruby/3.2.2", "aws-sdk-ruby"},
	{"aws-sdk-php/3.280 OS/Linux lang/php/8.2", "aws-sdk-php"},
	{"aws-sdk-dotnet-coreclr/3.7.1 aws-sdk-dotnet-core/3.7.1", "aws-sdk-net"},
	{"aws-sdk-cpp/1.11 Linux x86_64 GCC/11", "aws-sdk-cpp"},
	{"AWSPowerShell.Common/4.1.2 .NET_Core/6.0", "AWSPowerShell"},
	{appleWebKit + "Chrome/120.0.0.0 Safari/537.36", "Chrome"},
	{appleWebKit + "Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0", "Edge"},
	{appleWebKit + "Chrome/120.0.0.0 Safari/537.36 OPR/106.0", "Opera"},
	{"Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.4 Safari/605.1.15", "Safari"},
	{"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/114.0", "Firefox"},
	{"[" + appleWebKit + "HeadlessChrome/120.0 Safari/537.36]", "Chrome"},
	{"SRPS/" + appleWebKit + "Chrome/118.0.0.0 Safari/537.36 Edg/118.0", "Edge"},
	{"Mozilla/4.0 (compatible; MSIE 6.0)", "browser"},
	{"curl/7.88.1", "curl"},
	{"python-requests/2.31.0", "python-requests"},
	{"Go-http-client/1.1", "Go-http-client"},
	{"stratus_0f8fad5b-d9cb-469f-a165-70867728950e", "stratus"},
	{"0f8fad5b-d9cb-469f-a165-70867728950e", "0f8fad5b-d9cb-469f-a165-70867728950e"},
	{"my-app aws-sdk-go-v2/1.17.0", "aws-sdk-go-v2"},
	{"...", "..."},
	{"/x", "/x"},
	{"Acme (agent)", "Acme"},
	{"한국어/1.0", "한국어"},
}

func TestAgentFamily(t *testing.T) {
	for _, tt := range agentTests {
		e := with(map[source.Leaf]string{source.LeafUserAgent: tt.agent})
		if got := string(e.AgentFamily()); got != tt.want {
			t.Errorf("AgentFamily() of %q = %q, want %q", tt.agent, got, tt.want)
		}
	}
}

func TestAgentFamilyOfUnknownIsShort(t *testing.T) {
	for n := range 8 {
		agent := strings.Repeat("x", n) + strings.Repeat("€", 1000)
		got := with(map[source.Leaf]string{source.LeafUserAgent: agent}).AgentFamily()
		if len(got) == 0 || len(got) > 40 || !utf8.Valid(got) || !strings.HasPrefix(agent, string(got)) {
			t.Errorf("AgentFamily() = %q", got)
		}
	}
}

func BenchmarkAgentFamily(b *testing.B) {
	for _, bb := range []struct{ name, agent string }{
		{"cli", cliAgent},
		{"java", "aws-sdk-java/1.12.5" + javaTail},
		{"terraform", terraform},
		{"browser", appleWebKit + "Chrome/120.0.0.0 Safari/537.36"},
		{"service", "config.amazonaws.com"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			e := with(map[source.Leaf]string{source.LeafUserAgent: bb.agent})
			b.ReportAllocs()
			for b.Loop() {
				e.AgentFamily()
			}
		})
	}
}
