package demo

import "fmt"

// Addresses are from the blocks reserved for documentation and private use. 203.0.113.0/24 is the intruder's alone.

func publicIPs(of string, n int) []string {
	var ips []string
	for i := range n {
		ips = append(ips, fmt.Sprintf("198.51.100.%d", 100+hash(hashText(of), uint64(i))%56))
	}
	return ips
}

func privateIPs(of string, n int) []string {
	var ips []string
	for i := range n {
		h := hash(hashText(of), uint64(i))
		ips = append(ips, fmt.Sprintf("10.%d.%d.%d", 20+h%3, h>>8%4, 10+h>>16%200))
	}
	return ips
}

// networkIPs are where a workload calls from: inside through an endpoint, else through a gateway.
func networkIPs(of string, n int, inside bool) []string {
	if inside {
		return privateIPs(of, n)
	}
	return publicIPs(of, n)
}

// gatewayIPs are where what has no endpoint leaves an account's networks, by Region.
func gatewayIPs(account int) []string {
	var ips []string
	for r := range regions {
		ips = append(ips, fmt.Sprintf("198.51.100.%d", 200+account*len(regions)+r))
	}
	return ips
}

// homeIPs are the office and, for most, a connection at home; some homes have IPv6.
func homeIPs(of string, i int) []string {
	office := fmt.Sprintf("198.51.100.%d", 10+i%3)
	home := fmt.Sprintf("192.0.2.%d", 1+hashText(of)%120)
	if i%4 == 1 {
		home = fmt.Sprintf("2001:db8:%x:%x::%x", hashText(of)%0xffff, hashText(of)>>16%0xff, hashText(of)>>32%0xffff)
	}
	return []string{office, office, home}
}

func runnerIPs() []string {
	var ips []string
	for i := range 40 {
		ips = append(ips, fmt.Sprintf("192.0.2.%d", 160+i*2))
	}
	return ips
}

var (
	botoVersions    = [...]string{"1.34.69", "1.35.24", "1.36.11", "1.28.5", "1.37.2", "1.26.165"}
	pythonVersions  = [...]string{"3.9.18", "3.11.8", "3.12.2", "3.12.9", "3.13.1"}
	kernelVersions  = [...]string{"5.10.210-201.855.amzn2.x86_64", "6.1.79-99.164.amzn2023.x86_64", "6.1.82-99.168.amzn2023.aarch64", "5.15.0-1056-aws"}
	goVersions      = [...]string{"1.30.3", "1.32.7", "1.36.1", "1.41.0"}
	javaVersions    = [...]string{"2.25.11", "2.29.45", "2.30.2", "1.12.661"}
	nodeVersions    = [...]string{"3.540.0", "3.632.0", "3.721.0"}
	cliVersions     = [...]string{"2.15.30", "2.17.9", "2.22.12", "2.24.5", "1.32.84"}
	browserVersions = [...]string{"122.0.0.0", "131.0.0.0", "133.0.0.0", "134.0.0.0"}
)

// of picks from a list by a hash.
func of(list []string, h uint64) string { return list[h%uint64(len(list))] }

// sdkAgents are what a program's SDK says of itself.
func sdkAgents(name string, n int, lambda bool) []string {
	var agents []string
	for i := range n {
		h := hash(hashText(name), uint64(i), 7)
		kernel, g, p := of(kernelVersions[:], h>>8), of(goVersions[:], h>>16), of(pythonVersions[:], h>>24)
		var agent string
		switch h % 5 {
		case 0, 1:
			b := of(botoVersions[:], h>>32)
			agent = fmt.Sprintf("Boto3/%s md/Botocore#%s ua/2.0 os/linux#%s lang/python#%s md/pyimpl#CPython", b, b, kernel, p)
			if lambda {
				agent = fmt.Sprintf("Boto3/%s md/Botocore#%s lang/python#%s exec-env/AWS_Lambda_python3.12", b, b, p)
			}
		case 2:
			agent = fmt.Sprintf("aws-sdk-go-v2/%s ua/2.1 os/linux lang/go#1.22.%d md/GOOS#linux md/GOARCH#arm64 api/%s", g, h>>40%9, "s3#"+of(goVersions[:], h>>44))
		case 3:
			agent = fmt.Sprintf("aws-sdk-java/%s Linux/%s OpenJDK_64-Bit_Server_VM/17.0.%d+9-LTS Java/17.0.10", of(javaVersions[:], h>>48), kernel, h>>52%12)
		default:
			agent = fmt.Sprintf("aws-sdk-js/%s os/linux#%s lang/js md/nodejs#20.%d.1", of(nodeVersions[:], h>>48), kernel, h>>52%15)
		}
		agents = append(agents, agent)
	}
	return agents
}

// personAgents are a browser or two and the command line.
func personAgents(name string, console bool) []string {
	h := hashText(name)
	cli := fmt.Sprintf("aws-cli/%s md/awscrt#0.19.19 ua/2.0 os/macos#23.%d.0 md/arch#arm64 lang/python#%s md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/prompt#off",
		of(cliVersions[:], h), h>>8%6, of(pythonVersions[:], h>>16))
	if !console {
		return []string{cli}
	}
	systems := []string{"Macintosh; Intel Mac OS X 10_15_7", "Windows NT 10.0; Win64; x64", "X11; Linux x86_64"}
	browser := fmt.Sprintf("Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%s Safari/537.36", of(systems, h>>24), of(browserVersions[:], h>>32))
	if h%4 == 0 {
		browser = fmt.Sprintf("Mozilla/5.0 (%s; rv:%d.0) Gecko/20100101 Firefox/%d.0", of(systems, h>>24), 123+h>>40%12, 123+h>>40%12)
	}
	return []string{browser, browser, cli}
}

func terraformAgents() []string {
	var agents []string
	for _, v := range []string{"5.40.0", "5.78.0", "5.89.0"} {
		agents = append(agents, "APN/1.0 HashiCorp/1.0 Terraform/1.7.4 (+https://www.terraform.io) terraform-provider-aws/"+v+
			" (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.25.3 os/linux lang/go#1.21.8 md/GOOS#linux md/GOARCH#amd64 exec-env/GitHubActions")
	}
	return agents
}
