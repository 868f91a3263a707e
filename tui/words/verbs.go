package words

import (
	"strings"
	"unicode"

	"github.com/trailsift/trailsift/source"
)

// verbs are the words event names begin with (a list of the API operations of all services), and how they are said where
// that is otherwise.
var verbs = map[string]string{
	"abort": "", "accept": "", "acknowledge": "", "activate": "", "add": "", "advertise": "", "allocate": "", "allow": "", "apply": "",
	"approve": "", "archive": "", "assign": "", "associate": "", "assume": "", "attach": "", "authorize": "", "backup": "back up",
	"build": "", "bulk": "", "calculate": "", "cancel": "", "change": "", "check": "", "claim": "", "clear": "", "clone": "", "close": "",
	"complete": "", "compose": "", "compare": "", "configure": "", "confirm": "", "connect": "", "consume": "", "continue": "",
	"contact": "", "convert": "", "copy": "", "count": "", "create": "", "deactivate": "", "decline": "", "decode": "",
	"decrease": "", "decrypt": "", "delegate": "", "delete": "", "deny": "", "deploy": "", "deprecate": "", "deprovision": "",
	"deregister": "", "derive": "", "describe": "", "detach": "", "detect": "", "determine": "", "disable": "", "disassociate": "",
	"discover": "", "disconnect": "", "dismiss": "", "dispose": "", "download": "", "enable": "", "encrypt": "", "end": "", "enroll": "",
	"enter": "", "estimate": "", "evaluate": "", "exchange": "", "execute": "", "exit": "", "export": "", "extend": "", "failover": "fail over",
	"filter": "", "finalize": "", "find": "", "flush": "", "forecast": "", "forget": "", "generate": "", "get": "", "grant": "",
	"head": "look at", "import": "", "increase": "", "index": "", "infer": "", "initialize": "", "initiate": "", "insert": "",
	"install": "", "invalidate": "", "invite": "", "invoke": "", "issue": "", "join": "", "kill": "", "label": "", "launch": "", "leave": "",
	"link": "", "list": "", "lock": "", "lookup": "look up", "merge": "", "migrate": "", "modify": "", "monitor": "", "move": "",
	"notify": "", "open": "", "opt": "", "optimize": "", "pause": "", "perform": "", "poll": "", "post": "", "predict": "", "preview": "",
	"promote": "", "provide": "", "provision": "", "publish": "", "pull": "", "purchase": "", "purge": "", "push": "", "put": "",
	"query": "", "read": "", "reboot": "", "rebuild": "", "receive": "", "record": "", "redeem": "", "refresh": "",
	"refuse": "", "register": "", "reject": "", "release": "", "remove": "", "rename": "", "renew": "", "reorder": "",
	"replace": "", "replicate": "", "report": "", "request": "", "resend": "", "reserve": "", "reset": "", "resize": "", "resolve": "",
	"respond": "", "restart": "", "restore": "", "resume": "", "resync": "", "retire": "", "retrieve": "", "retry": "", "return": "",
	"reverse": "", "revoke": "", "rollback": "roll back", "rotate": "", "run": "", "sample": "", "save": "", "scan": "", "schedule": "",
	"search": "", "select": "", "send": "", "set": "", "share": "", "shutdown": "shut down", "sign": "", "signal": "", "skip": "",
	"solve": "", "split": "", "start": "", "stop": "", "store": "", "stream": "", "submit": "", "subscribe": "", "suspend": "",
	"swap": "", "switch": "", "sync": "", "synthesize": "", "tag": "", "terminate": "", "test": "", "toggle": "", "train": "",
	"transfer": "", "transition": "", "translate": "", "unarchive": "", "unassign": "", "undeploy": "", "undeprecate": "",
	"unlabel": "", "unlink": "", "unlock": "", "unmonitor": "", "unpeer": "", "unregister": "", "unsubscribe": "", "untag": "",
	"update": "", "upgrade": "", "upload": "", "use": "", "validate": "", "verify": "", "view": "", "vote": "", "wait": "",
	"withdraw": "", "write": "",
}

// irregular are past tenses that no rule gives.
var irregular = map[string]string{
	"begin": "began", "build": "built", "find": "found", "forget": "forgot", "get": "got", "give": "gave", "hold": "held", "leave": "left",
	"let": "let", "make": "made", "put": "put", "read": "read", "rebuild": "rebuilt", "reset": "reset", "run": "ran", "send": "sent",
	"resend": "resent", "set": "set", "shut": "shut", "split": "split", "take": "took", "turn": "turned", "withdraw": "withdrew", "write": "wrote",
	"cancel": "cancelled", "label": "labelled", "unlabel": "unlabelled", "signal": "signalled",
	"stop": "stopped", "tag": "tagged", "untag": "untagged", "submit": "submitted", "swap": "swapped", "skip": "skipped", "opt": "opted",
	"transfer": "transferred", "infer": "inferred", "scan": "scanned", "permit": "permitted",
}

// past is a phrase that begins with a verb, in the past tense.
func past(phrase string) string {
	verb, rest, more := strings.Cut(phrase, " ")
	done, ok := irregular[verb]
	switch {
	case ok:
	case strings.HasSuffix(verb, "e"):
		done = verb + "d"
	case len(verb) > 1 && strings.HasSuffix(verb, "y") && !strings.ContainsRune("aeiou", rune(verb[len(verb)-2])):
		done = verb[:len(verb)-1] + "ied"
	default:
		done = verb + "ed"
	}
	if more {
		return done + " " + rest
	}
	return done
}

// general is the sentence about a call that has none of its own: its name taken apart, what it was about, the service.
func (v values) general(service, name string) string {
	parts := split(name)
	for len(parts) > 2 && (parts[0] == "Admin" || parts[0] == "Batch" || parts[0] == "Bulk") {
		parts = parts[1:]
	}
	verb := ""
	if len(parts) > 0 {
		verb = strings.ToLower(parts[0])
	}
	said, known := verbs[verb]
	if !known && v.text("eventType") == "AwsServiceEvent" {
		return "report " + name + " of " + source.ServiceName(service)
	}
	if !known {
		return "call " + name + " of " + source.ServiceName(service)
	}
	if said == "" {
		said = verb
	}
	thing := object(parts[1:])
	if thing == "" {
		return said + v.about("", said) + " in " + source.ServiceName(service)
	}
	return said + article(thing, said) + thing + v.about(thing, said) + " in " + source.ServiceName(service)
}

// about is the resource a call names, "" where it names none: best a parameter that is called as the thing is, else one that
// usually says what a call is about. What a thing is created in is not the thing.
func (v values) about(thing, verb string) string {
	request, _ := v.record["requestParameters"].(map[string]any)
	bare := strings.ReplaceAll(strings.ToLower(thing), " ", "")
	for _, ending := range []string{"name", "id", "identifier", "arn", ""} {
		for key := range request {
			k := strings.ToLower(key)
			if bare != "" && (k == bare+ending || k+"s" == bare+ending) {
				return v.space(key, thing)
			}
		}
	}
	for _, key := range subjects {
		if verb == "create" && key != "name" && !strings.HasSuffix(key, "Name") {
			continue
		}
		switch s := v.space(key, thing); {
		case s == "":
		case plural(thing): // a thing of another kind, whose they are
			return " of" + s
		default:
			return s
		}
	}
	return ""
}

// space is a name behind a blank; a list of names behind a plural says less than the plural.
func (v values) space(path, thing string) string {
	name := v.named(path)
	if name == "" || strings.Contains(name, " and ") && strings.HasSuffix(thing, "s") {
		return ""
	}
	return " " + name
}

// subjects are the parameters that say what a call is about, in the order of how well they say it.
var subjects = []string{
	"bucketName", "functionName", "secretId", "name", "trailName", "resourceName", "resourceArn", "resourceARN", "userName", "roleName", "groupName",
	"policyArn", "keyId", "aliasName", "topicArn", "queueUrl", "queueName", "tableName", "stackName", "stackSetName", "clusterName", "clusterIdentifier",
	"dBInstanceIdentifier", "dBClusterIdentifier", "dBSnapshotIdentifier", "dBClusterSnapshotIdentifier", "logGroupName", "alarmNames", "instanceId",
	"instanceIds", "instancesSet.items.instanceId", "volumeId", "snapshotId", "imageId", "groupId", "vpcId", "subnetId", "networkInterfaceId",
	"routeTableId", "allocationId", "detectorId", "id", "arn", "domainName", "hostedZoneId", "repositoryName", "projectName", "pipelineName", "jobName",
	"documentName", "identifier", "appId", "apiId", "restApiId", "certificateArn", "loadBalancerArn", "targetGroupArn", "userPoolId",
	"accountId", "modelId", "guardrailIdentifier",
}

// article is what stands before the thing: a plural has none, what is made is a thing, any other is the thing.
func article(thing, verb string) string {
	switch {
	case plural(thing):
		return " "
	case verb != "create" && verb != "request" && verb != "generate" && verb != "start":
		return " the "
	case strings.ContainsRune("aeioAEIO", rune(thing[0])):
		return " an "
	}
	return " a "
}

// plural reports things of which there are many, or that are not counted.
func plural(thing string) bool {
	last := thing[strings.LastIndexByte(thing, ' ')+1:]
	switch last {
	case "data", "inventory", "metadata":
		return true
	}
	return strings.HasSuffix(last, "s") && !strings.HasSuffix(last, "ss") && !strings.HasSuffix(last, "us") && !strings.HasSuffix(last, "is")
}

// acronyms are words that AWS writes with small letters within names.
var acronyms = map[string]bool{
	"acl": true, "api": true, "arn": true, "dhcp": true, "dns": true, "ebs": true, "iam": true, "ip": true, "kms": true, "mfa": true, "nat": true,
	"saml": true, "sql": true, "ssh": true, "ssl": true, "tls": true, "url": true, "vpc": true, "vpn": true,
}

// object puts the words of a name behind its verb together: words in small letters, acronyms as they are.
func object(parts []string) string {
	for i, p := range parts {
		low := strings.ToLower(p)
		switch {
		case acronyms[low]:
			parts[i] = strings.ToUpper(p)
		case p != strings.ToUpper(p) || len(p) == 1:
			parts[i] = low
		}
	}
	return strings.Join(parts, " ")
}

// split takes a name apart where a word begins: "DescribeDBInstances" is Describe, DB, Instances.
func split(name string) []string {
	var parts []string
	runes := []rune(name)
	from := 0
	for i := 1; i < len(runes); i++ {
		upper := unicode.IsUpper(runes[i])
		begins := upper && !unicode.IsUpper(runes[i-1])
		// The last capital of a run begins the next word, but for the s of a plural: DBInstances, VPCs.
		if upper && unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1]) {
			begins = runes[i+1] != 's' || i+2 < len(runes) && unicode.IsLower(runes[i+2])
		}
		if begins {
			parts = append(parts, string(runes[from:i]))
			from = i
		}
	}
	return append(parts, string(runes[from:]))
}
