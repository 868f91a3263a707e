package s3

import (
	"strings"

	"github.com/trailsift/trailsift/source"
)

// services are the folders that other services write below an account (their user guides, "log file location").
var services = map[string]string{
	"Config":               "AWS Config",
	"GuardDuty":            "GuardDuty findings",
	"WAFLogs":              "WAF logs",
	"elasticloadbalancing": "load balancer logs",
	"network-firewall":     "network firewall logs",
	"redshift":             "Redshift logs",
	"verified-access-logs": "Verified Access logs",
	"vpcdnsquerylogs":      "DNS query logs",
	"vpcflowlogs":          "VPC flow logs",
}

// serviceName is a service by the folder it writes to.
func serviceName(service string) string {
	if name := services[service]; name != "" {
		return name
	}
	return "logs of another service"
}

// foreignObject names an object that is no log file of CloudTrail by its key, "" where only its content can tell.
func foreignObject(key string) string {
	if _, ok := source.ParseKey(key); ok {
		return ""
	}
	name := lastName(key)
	dot := strings.LastIndexByte(name, '.')
	if dot >= 0 {
		switch strings.ToLower(name[dot+1:]) {
		case "parquet":
			return "Parquet"
		case "orc":
			return "ORC"
		case "avro":
			return "Avro"
		case "checksum":
			return "S3 Inventory"
		}
	}
	if isAccessLog(name) {
		return "S3 server access log"
	}
	account, rest, _ := strings.Cut(name, "_")
	if service, _, ok := strings.Cut(rest, "_"); ok && isAccount(account) && (folder{service: service}).other() {
		return serviceName(service)
	}
	return ""
}

// isAccessLog tells the name of an S3 server access log: YYYY-mm-DD-HH-MM-SS-UniqueString of 16 hex digits.
func isAccessLog(name string) bool {
	const form = "0000-00-00-00-00-00-XXXXXXXXXXXXXXXX"
	if len(name) != len(form) {
		return false
	}
	for i := range len(name) {
		c, digit := name[i], '0' <= name[i] && name[i] <= '9'
		switch {
		case form[i] == '0' && !digit,
			form[i] == '-' && c != '-',
			form[i] == 'X' && !digit && (c < 'A' || c > 'F'):
			return false
		}
	}
	return true
}
