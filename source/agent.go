package source

import "bytes"

const (
	// maxAgentScan is how much of a user agent is looked at; CloudTrail cuts them at 1 KB.
	maxAgentScan = 2 << 10
	// maxFamily is the most bytes of a family that no table knows.
	maxFamily = 40
)

// AgentFamily is the program behind the userAgent, without its version: "aws-cli/2", "Boto3", "Terraform",
// "aws-sdk-go-v2", "Chrome", "console", "AWS Internal", the DNS name of a service. What no rule knows is called by its
// first product token, at most 40 bytes of it. A program that runs on top of another counts (Terraform before the SDK
// it is built with). The result points into the event or is shared; nil where there is no user agent.
func (e *Event) AgentFamily() []byte {
	s := e.leaves[LeafUserAgent]
	if len(s) > maxAgentScan {
		s = s[:maxAgentScan]
	}
	// S3 writes user agents in brackets.
	s = bytes.TrimSpace(s)
	s = bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimPrefix(s, []byte("[")), []byte("]")))
	if len(s) == 0 {
		return nil
	}
	if after, ok := bytes.CutPrefix(s, []byte("Mozilla/")); ok {
		return browser(after)
	}
	if name := amazonAgent(s); name != nil {
		return name
	}
	if name := productAgent(s); name != nil {
		return name
	}
	if _, after, ok := bytes.Cut(s, []byte("Mozilla/")); ok {
		return browser(after)
	}
	return bounded(firstProduct(s))
}

// Families that are no product token; shared, nobody writes to them.
var (
	agentInternal = []byte("AWS Internal")
	agentConsole  = []byte("console")
	agentSDK      = []byte("aws-sdk-")
	agentCLI      = []byte("aws-cli")

	browserEdge    = []byte("Edge")
	browserOpera   = []byte("Opera")
	browserFirefox = []byte("Firefox")
	browserChrome  = []byte("Chrome")
	browserSafari  = []byte("Safari")
	browserOther   = []byte("browser")
)

// amazonAgent tells what AWS itself writes when a service, or the console, calls for somebody; nil for other programs.
func amazonAgent(s []byte) []byte {
	if len(s) >= len(agentInternal) && foldEqual(s[:len(agentInternal)], "AWS Internal") {
		return agentInternal
	}
	if bytes.IndexByte(s, ' ') < 0 && len(serviceOf(s)) < len(s) {
		if bytes.HasPrefix(s, []byte("console.")) {
			return agentConsole
		}
		return bounded(s)
	}
	// "S3Console/0.4 …", "AWS Console S3, …", "EC2ConsoleFrontend, aws-internal/3 …"
	if head, _, _ := bytes.Cut(s, []byte("/")); bytes.Contains(head, []byte("Console")) {
		return agentConsole
	}
	if bytes.HasPrefix(s, []byte("aws-internal/")) {
		return agentInternal
	}
	return nil
}

// An agentProduct is a family by a product token. The lowest rank found in a user agent wins, the first of equals.
type agentProduct struct {
	rank   int
	family []byte
}

const (
	rankWrapper = iota // built on a tool of the next rank
	rankTool
	rankBoto
	rankSDK
	rankCore // what SDKs are built with
	rankNone
)

// agentProducts are product tokens in lower case. SDKs have a rule of their own.
var agentProducts = map[string]agentProduct{
	"pulumi":                       {rankWrapper, []byte("Pulumi")},
	"pulumi-aws":                   {rankWrapper, []byte("Pulumi")},
	"terragrunt":                   {rankWrapper, []byte("Terragrunt")},
	"terraform":                    {rankTool, []byte("Terraform")},
	"terraform-provider-aws":       {rankTool, []byte("Terraform")},
	"opentofu":                     {rankTool, []byte("OpenTofu")},
	"packer":                       {rankTool, []byte("Packer")},
	"vault":                        {rankTool, []byte("Vault")},
	"aws-cli":                      {rankTool, agentCLI},
	"awscloudformation":            {rankTool, []byte("CloudFormation")},
	"cloudformation":               {rankTool, []byte("CloudFormation")},
	"aws-cdk":                      {rankTool, []byte("aws-cdk")},
	"cdk":                          {rankTool, []byte("aws-cdk")},
	"awspowershell":                {rankTool, []byte("AWSPowerShell")},
	"awspowershell.common":         {rankTool, []byte("AWSPowerShell")},
	"awspowershell.netcore":        {rankTool, []byte("AWSPowerShell")},
	"ansible":                      {rankTool, []byte("Ansible")},
	"kubectl":                      {rankTool, []byte("kubectl")},
	"eksctl":                       {rankTool, []byte("eksctl")},
	"aws-iam-authenticator":        {rankTool, []byte("aws-iam-authenticator")},
	"elbv2.k8s.aws":                {rankTool, []byte("aws-load-balancer-controller")},
	"aws-load-balancer-controller": {rankTool, []byte("aws-load-balancer-controller")},
	"karpenter":                    {rankTool, []byte("karpenter")},
	"karpenter.sh":                 {rankTool, []byte("karpenter")},
	"cluster-autoscaler":           {rankTool, []byte("cluster-autoscaler")},
	"kubernetes":                   {rankTool, []byte("kubernetes")},
	"amazon-ssm-agent":             {rankTool, []byte("amazon-ssm-agent")},
	"boto3":                        {rankBoto, []byte("Boto3")},
	"boto":                         {rankBoto, []byte("Boto")},
	"botocore":                     {rankCore, []byte("Botocore")},
}

// productAgent tells the family by the product tokens of s, nil where none is known.
func productAgent(s []byte) []byte {
	best := agentProduct{rank: rankNone}
	var lower [32]byte
	for len(s) > 0 && best.rank > rankWrapper {
		var token []byte
		token, s, _ = bytes.Cut(s, space)
		name := product(token)
		if len(name) == 0 || len(name) > len(lower) {
			continue
		}
		for i, c := range name {
			lower[i] = lowerByte(c)
		}
		found, ok := agentProducts[string(lower[:len(name)])]
		if !ok && bytes.HasPrefix(name, agentSDK) {
			found, ok = agentProduct{rankSDK, sdkFamily(name)}, true
		}
		if !ok || found.rank >= best.rank {
			continue
		}
		if sameBytes(found.family, agentCLI) {
			found.family = cliFamily(token)
		}
		best = found
	}
	return best.family
}

// sdkNames are SDKs whose product token says more than their name, or another one.
var sdkNames = [...]struct{ prefix, family []byte }{
	{[]byte("aws-sdk-nodejs"), []byte("aws-sdk-js")},
	{[]byte("aws-sdk-ruby"), []byte("aws-sdk-ruby")}, // aws-sdk-ruby2, aws-sdk-ruby3
	{[]byte("aws-sdk-dotnet"), []byte("aws-sdk-net")},
	{[]byte("aws-sdk-net"), []byte("aws-sdk-net")},
}

func sdkFamily(name []byte) []byte {
	for _, s := range sdkNames {
		if bytes.HasPrefix(name, s.prefix) {
			return s.family
		}
	}
	return name
}

// cliFamily is "aws-cli/2" of "aws-cli/2.11.4".
func cliFamily(token []byte) []byte {
	n := len(agentCLI)
	if len(token) > n+1 && token[n] == '/' && isDigit(token[n+1]) && (len(token) == n+2 || token[n+2] == '.') {
		return token[:n+2]
	}
	return token[:n]
}

// browser tells the browser by what follows "Mozilla/". Every one names those it is compatible with, so the order counts.
func browser(s []byte) []byte {
	switch {
	case bytes.Contains(s, []byte("Edg")):
		return browserEdge
	case bytes.Contains(s, []byte("OPR/")):
		return browserOpera
	case bytes.Contains(s, []byte("Firefox/")):
		return browserFirefox
	case bytes.Contains(s, []byte("Chrome/")):
		return browserChrome
	case bytes.Contains(s, []byte("Safari/")):
		return browserSafari
	}
	return browserOther
}

// product is NAME of a product token "NAME/1.2", "NAME#1.2" or "NAME,".
func product(token []byte) []byte {
	for i, c := range token {
		switch c {
		case '/', '#', ',', ';', '(':
			return token[:i]
		}
	}
	return token
}

// firstProduct is the first product of s without a random id behind it ("tool_0a1b2c3d-…" is "tool"), or the first word
// where it begins with no product.
func firstProduct(s []byte) []byte {
	word, _, _ := bytes.Cut(s, space)
	name := product(word)
	if len(name) == 0 {
		return word
	}
	if at := len(name) - 36; at > 1 && isGUID(name[at:]) {
		return bytes.TrimRight(name[:at], "_-.:")
	}
	return name
}

// isGUID tells 8-4-4-4-12 hex digits.
func isGUID(s []byte) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range s {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if c = lowerByte(c); !isDigit(c) && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// bounded cuts s at maxFamily, before a character rather than inside it.
func bounded(s []byte) []byte {
	if len(s) <= maxFamily {
		return s
	}
	n := maxFamily
	for n > maxFamily-3 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
