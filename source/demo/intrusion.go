package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailsift/trailsift/source"
)

const (
	leakedUser  = "svc-report-export"
	newUser     = "aws-support-ops"
	intruderIP  = "203.0.113.66"
	consoleIP   = "203.0.113.140"
	readerIP    = "203.0.113.201"
	readerIPv6  = "2001:db8:bad::66"
	officeIP    = "198.51.100.11"
	openBucket  = "examplecorp-data-payments-data"
	kali        = "aws-cli/2.15.30 Python/3.11.8 Linux/6.6.9-amd64 exe/x86_64.kali.2024 prompt/off"
	firefox     = "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0"
	curl        = "[curl/8.5.0]"
	admin       = "arn:aws:iam::aws:policy/AdministratorAccess"
	objectsRead = 480
	// hostile is a user agent as an attacker would choose it: it clears the screen, renames the window and turns text
	// around. Control characters arrive escaped, the right-to-left override as it is.
	hostile = "aws-cli/2.15.30 \\u001b]0;all clear\\u0007\\u001b[2J\\u001b[1;1H\\u009b31m \u202egpj.tropper"
)

// An intruder tells the story step by step.
type intruder struct {
	*story
	accounts []account
	n        uint64
	step     record // what the next event has in common with the last
	account  int
	region   int
}

func newStory() *story {
	in := &intruder{story: &story{}, accounts: companyAccounts()}
	in.truth = Incident{
		IPs: []string{intruderIP, consoleIP, readerIP, readerIPv6}, User: leakedUser, NewUser: newUser, Trail: trailName,
		Stopped: stopped, Restarted: restarted, Bucket: openBucket, Objects: objectsRead,
	}
	in.probe()
	in.chain()
	in.settle()
	in.blind()
	in.publish()
	in.cover()
	in.asides()
	// Whatever the seed, something is delivered in the end, later than the last digest.
	in.groups = append(in.groups, group{kind: source.KindCloudTrail, account: prod, region: usEast1, mark: lastSecond, background: 12})
	in.finish()
	return in.story
}

// as sets who acts next, and where.
func (in *intruder) as(account, region int, identity, ip, agent string) {
	in.account, in.region = account, region
	in.step = record{
		version: "1.10", identity: []byte(identity), ip: ip, agent: agent, eventType: "AwsApiCall", category: "Management",
		account: in.accounts[account].id, region: regions[region].name,
	}
}

// An act is what differs from event to event.
type act struct {
	at                      time.Time
	what                    string // in words; "" is no step of the truth
	source, name            string
	request, response       string
	extra, resources        string
	errorCode, errorMessage string
	agent                   string
	eventType               string
	read, data              bool
	shared                  uint64
}

// do tells one event and gives its eventID.
func (in *intruder) do(a act) string {
	in.n++
	e := in.step
	e.source, e.name, e.time, e.readOnly, e.data = a.source, a.name, a.at.Unix(), a.read, a.data
	e.request, e.response = []byte(a.request), []byte(a.response)
	e.additional, e.resources = []byte(a.extra), []byte(a.resources)
	e.errorCode, e.errorMessage = a.errorCode, []byte(a.errorMessage)
	e.id = [2]uint64{hash(hashText("told"), in.n), hash(hashText("told"), in.n, 1)}
	e.requestID = appendUUID(nil, hash(in.n, 2), hash(in.n, 3))
	if a.source == "s3" {
		e.requestID = appendHashed(nil, hash(in.n, 2), 16, upperLetters, 5)
	}
	if !strings.HasPrefix(e.agent, "Mozilla") && e.agent != curl {
		e.host = []byte(a.source + "." + e.region + ".amazonaws.com")
		if a.source == "iam" {
			e.host = []byte("iam.amazonaws.com")
		}
		e.agent += " command/" + a.source + "." + a.name
	}
	if a.agent != "" {
		e.agent = a.agent
	}
	if a.data {
		e.category = "Data"
	}
	if a.eventType != "" {
		e.eventType, e.requestID, e.host = a.eventType, nil, nil
	}
	if a.shared != 0 {
		e.shared = [2]uint64{hash(a.shared, 5), hash(a.shared, 6)}
	}
	id := string(appendUUID(nil, e.id[0], e.id[1]))
	in.tell(source.KindCloudTrail, in.account, in.region, toldEvent{time: e.time, text: e.append(nil), id: id})
	if a.what != "" {
		in.truth.Steps = append(in.truth.Steps, Step{
			What: a.what, Event: a.name, ID: id, Account: e.account, Region: e.region, Time: a.at,
		})
	}
	return id
}

func denied(arn, action string) string {
	return "User: " + arn + " is not authorized to perform: " + action + " because no identity-based policy allows the " + action + " action"
}

// probe: the leaked key asks who it is, looks around and is turned away.
func (in *intruder) probe() {
	user := "arn:aws:iam::" + in.accounts[prod].id + ":user/" + leakedUser
	in.truth.AccessKey = userKey(&in.accounts[prod], leakedUser)
	identity := userIdentity(&in.accounts[prod], leakedUser)
	in.as(prod, usEast1, identity, intruderIP, kali)
	in.do(act{at: night(2, 7, 11), what: "the leaked key asks whose it is", source: "sts", name: "GetCallerIdentity", read: true})
	for i, call := range []struct{ source, name string }{
		{"iam", "ListUsers"},
		{"s3", "ListBuckets"},
		{"secretsmanager", "ListSecrets"},
		{"iam", "GetAccountAuthorizationDetails"},
		{"lambda", "ListFunctions20150331"},
		{"rds", "DescribeDBInstances"},
		{"dynamodb", "ListTables"},
		{"ssm", "DescribeParameters"},
	} {
		what := ""
		if i == 0 {
			what = "it is turned away again and again"
		}
		in.do(act{
			at: night(2, 7, 52).Add(time.Duration(i*11) * time.Second), what: what, source: call.source, name: call.name, read: true,
			errorCode: "AccessDenied", errorMessage: denied(user, call.source+":"+call.name),
		})
	}
	for r := range regions {
		in.as(prod, r, identity, intruderIP, kali)
		in.do(act{
			at: night(2, 9, 25+3*r), source: "ec2", name: "DescribeInstances", read: true, request: `{"instancesSet":{},"filterSet":{}}`,
			errorCode:    "Client.UnauthorizedOperation",
			errorMessage: "You are not authorized to perform this operation. " + denied(user, "ec2:DescribeInstances"),
		})
	}
	in.as(prod, usEast1, identity, intruderIP, kali)
	in.truth.HostileID = in.do(act{
		at: night(2, 10, 20), what: "a user agent that attacks terminals", source: "iam", name: "GetUser", read: true, agent: hostile,
	})
	in.do(act{at: night(2, 10, 41), source: "iam", name: "ListRoles", read: true, request: `{"maxItems":1000}`})
	for i, role := range []string{"OrganizationAccountAccessRole", "terraform", "github-deploy"} {
		in.do(act{
			at: night(2, 11, 7+9*i), source: "sts", name: "AssumeRole", read: true, errorCode: "AccessDenied",
			errorMessage: "User: " + user + " is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::" +
				in.accounts[prod].id + ":role/" + role,
		})
	}
}

// assume tells an AssumeRole: once in the account of the caller, and where the role is elsewhere once more there.
func (in *intruder) assume(at time.Time, what string, to int, role, name, by string) Session {
	target := &in.accounts[to]
	key := string(appendAccessKey(nil, "ASIA", hashText(role+name)))
	arn := "arn:aws:iam::" + target.id + ":role/" + role
	call := act{
		at: at, what: what, source: "sts", name: "AssumeRole", read: true,
		request: fmt.Sprintf(`{"roleArn":%q,"roleSessionName":%q,"durationSeconds":3600}`, arn, name),
		response: fmt.Sprintf(`{"credentials":{"accessKeyId":%q,"sessionToken":"IQoJb3JpZ2luX2VjE%s","expiration":%q},"assumedRoleUser":`+
			`{"assumedRoleId":"%s:%s","arn":"arn:aws:sts::%s:assumed-role/%s/%s"}}`, key, appendHashed(nil, hashText(key), 356, base64Digits, 6),
			appendAmericanTime(nil, at.Unix()+3600), roleID(target, role), name, target.id, role, name),
		resources: fmt.Sprintf(`[{"accountId":%q,"type":"AWS::IAM::Role","ARN":%q}]`, target.id, arn),
	}
	if to != in.account {
		call.shared = uint64(at.Unix())
	}
	s := Session{Account: target.id, Role: role, Name: name, AccessKey: key, By: by, Issued: in.do(call)}
	if to != in.account {
		from, here, step := in.account, in.region, in.step
		caller := fmt.Sprintf(`{"type":"AWSAccount","principalId":%q,"accountId":%q}`, principalID(string(step.identity)), in.accounts[from].id)
		in.as(to, here, caller, step.ip, step.agent)
		call.what = ""
		in.do(call)
		in.account, in.step = from, step
	}
	in.truth.Sessions = append(in.truth.Sessions, s)
	return s
}

func principalID(identity string) string {
	_, rest, _ := strings.Cut(identity, `"principalId":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// chain: a role that trusts too much, then a role in the next account.
func (in *intruder) chain() {
	deploy := in.assume(night(2, 12, 44), "a role that trusts the user", prod, "deploy-automation", leakedUser, in.truth.AccessKey)
	in.asSession(prod, usEast1, deploy, night(2, 12, 44))
	in.do(act{at: night(2, 14, 30), source: "sts", name: "GetCallerIdentity", read: true})
	in.do(act{at: night(2, 15, 10), source: "iam", name: "ListUsers", read: true, request: `{"maxItems":1000}`})
	lake := in.assume(night(2, 16, 40), "from there a role in the next account", data, "data-lake-admin", "sync", deploy.AccessKey)
	in.asSession(data, euWest1, lake, night(2, 16, 40))
	in.do(act{at: night(2, 17, 20), source: "s3", name: "ListBuckets", read: true, request: `{"Host":"s3.eu-west-1.amazonaws.com"}`})
}

func (in *intruder) asSession(account, region int, s Session, since time.Time) {
	in.as(account, region, sessionText(&in.accounts[account], s, since), intruderIP, kali)
}

// settle: a user of its own, with every right, a key and a password.
func (in *intruder) settle() {
	deploy := in.truth.Sessions[0]
	account := in.accounts[prod].id
	in.asSession(prod, usEast1, deploy, night(2, 12, 44))
	arn := "arn:aws:iam::" + account + ":user/" + newUser
	id := userID(&in.accounts[prod], newUser)
	in.truth.NewKey = userKey(&in.accounts[prod], newUser)
	in.do(act{
		at: night(2, 18, 22), what: "a user of its own", source: "iam", name: "CreateUser", request: `{"userName":"` + newUser + `"}`,
		response: fmt.Sprintf(`{"user":{"path":"/","userName":%q,"userId":%q,"arn":%q,"createDate":"Mar 12, 2026, 2:18:22 AM"}}`, newUser, id, arn),
	})
	in.do(act{
		at: night(2, 18, 40), what: "which may do everything", source: "iam", name: "AttachUserPolicy",
		request: fmt.Sprintf(`{"userName":%q,"policyArn":%q}`, newUser, admin),
	})
	in.do(act{
		at: night(2, 19, 2), what: "has a key", source: "iam", name: "CreateAccessKey", request: `{"userName":"` + newUser + `"}`,
		response: fmt.Sprintf(`{"accessKey":{"userName":%q,"accessKeyId":%q,"status":"Active","createDate":"Mar 12, 2026, 2:19:02 AM"}}`, newUser, in.truth.NewKey),
	})
	in.truth.AlteredID = in.do(act{
		at: night(2, 19, 25), what: "and a password; this record was altered afterwards", source: "iam", name: "CreateLoginProfile",
		request:  `{"userName":"` + newUser + `","passwordResetRequired":false}`,
		response: fmt.Sprintf(`{"loginProfile":{"userName":%q,"createDate":"Mar 12, 2026, 2:19:25 AM","passwordResetRequired":false}}`, newUser),
	})
	altered := in.at(in.truth.AlteredID)
	altered.fate = fateAltered
	in.truth.AlteredField, in.truth.AlteredFrom, in.truth.AlteredTo = "sourceIPAddress", intruderIP, officeIP
	altered.altered = []byte(strings.Replace(string(altered.events[len(altered.events)-1].text), intruderIP, officeIP, 1))
}

// blind: a console session without a second factor, some secrets, and the trail is stopped.
func (in *intruder) blind() {
	a := &in.accounts[prod]
	in.as(prod, usEast1, strings.Replace(userIdentity(a, newUser), `"accessKeyId":"`+in.truth.NewKey+`",`, "", 1), consoleIP, firefox)
	login := act{source: "signin", name: "ConsoleLogin", eventType: "AwsConsoleSignIn", extra: `{"LoginTo":"https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&state=hashArgsFromTB_us-east-1_0f2c9a7be1d44e35","MobileVersion":"No","MFAUsed":"No"}`}
	login.at, login.response, login.errorMessage = night(2, 24, 50), `{"ConsoleLogin":"Failure"}`, "Failed authentication"
	in.do(login)
	login.at, login.response, login.errorMessage, login.what = night(2, 25, 31), `{"ConsoleLogin":"Success"}`, "", "it signs in without a second factor"
	in.do(login)
	in.as(prod, usEast1, consoleIdentity(a, newUser), consoleIP, firefox)
	in.step.fromConsole = true
	for i, secret := range []string{"prod-payments/database", "prod-payments/api-key", "prod-ledger/database", "prod-identity/api-key"} {
		in.truth.DeletedIDs = append(in.truth.DeletedIDs, in.do(act{
			at: night(2, 29, 30+i*7), source: "secretsmanager", name: "GetSecretValue", read: true,
			request: `{"secretId":"arn:aws:secretsmanager:us-east-1:` + a.id + `:secret:` + secret + `-AbCdEf"}`,
		}))
	}
	in.at(in.truth.DeletedIDs[0]).fate = fateDeleted
	in.as(prod, usEast1, userIdentity(a, newUser), intruderIP, kali)
	trail := "arn:aws:cloudtrail:us-east-1:" + a.id + ":trail/" + trailName
	in.do(act{at: night(2, 36, 2), source: "cloudtrail", name: "DescribeTrails", read: true, request: `{"includeShadowTrails":true,"trailNameList":[]}`})
	in.do(act{at: night(2, 36, 40), source: "cloudtrail", name: "GetTrailStatus", read: true, request: `{"name":"` + trail + `"}`})
	in.do(act{at: stopped, what: "it stops the trail: the first account falls silent", source: "cloudtrail", name: "StopLogging", request: `{"name":"` + trail + `"}`})
	guard := Session{Account: a.id, Role: "trail-guardian", Name: "trail-guardian", AccessKey: string(appendAccessKey(nil, "ASIA", hashText("trail-guardian")))}
	in.as(prod, usEast1, sessionText(a, guard, night(3, 31, 2)), "198.51.100.120", "Boto3/1.34.69 lang/python#3.12.2 exec-env/AWS_Lambda_python3.12")
	in.do(act{at: restarted, what: "an automatic guard starts the trail again", source: "cloudtrail", name: "StartLogging", request: `{"name":"` + trail + `"}`})
}

// publish: the second account goes on recording. A bucket is opened to everybody and emptied.
func (in *intruder) publish() {
	in.asSession(data, euWest1, in.truth.Sessions[1], night(2, 16, 40))
	account := in.accounts[data].id
	host := `"bucketName":"` + openBucket + `","Host":"` + openBucket + `.s3.eu-west-1.amazonaws.com"`
	bucket := `{"accountId":"` + account + `","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::` + openBucket + `"}`
	in.do(act{at: night(2, 41, 5), source: "s3", name: "GetBucketPublicAccessBlock", read: true, request: `{` + host + `,"publicAccessBlock":""}`, resources: `[` + bucket + `]`})
	in.do(act{
		at: night(2, 41, 30), what: "the lock of a bucket is taken off", source: "s3", name: "DeleteBucketPublicAccessBlock",
		request: `{` + host + `,"publicAccessBlock":""}`, resources: `[` + bucket + `]`,
	})
	in.do(act{
		at: night(2, 41, 58), what: "and it is open to everybody", source: "s3", name: "PutBucketPolicy",
		request: `{"bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"Share","Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],` +
			`"Resource":["arn:aws:s3:::` + openBucket + `","arn:aws:s3:::` + openBucket + `/*"]}]},` + host + `,"policy":""}`,
		resources: `[` + bucket + `]`,
	})
	anonymous := `{"type":"AWSAccount","principalId":"","accountId":"anonymous"}`
	for i := range objectsRead {
		what := ""
		switch i {
		case 0:
			what = "its objects are copied with the session's key"
		case 60:
			what = "then by nobody in particular"
		}
		if i >= 60 {
			in.as(data, euWest1, anonymous, []string{readerIP, readerIPv6}[i&1], curl)
		}
		h := hash(hashText("object"), uint64(i))
		in.do(act{
			at: night(2, 45, 10).Add(time.Duration(i*450) * time.Millisecond), what: what, source: "s3", name: "GetObject", read: true, data: true,
			request:   fmt.Sprintf(`{%s,"key":"settlements/dt=2026-%02d-%02d/part-%05d-%s.parquet"}`, host, 1+i/240, 1+i/16%28, 10000+i%16, appendHashed(nil, h, 12, hexDigits, 4)),
			extra:     fmt.Sprintf(`{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"%s=","bytesTransferredOut":%d}`, appendHashed(nil, h+1, 75, base64Digits, 6), 1_000_000+h%60_000_000),
			resources: `[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::` + openBucket + `/"},` + bucket + `]`,
		})
	}
}

// cover: through the third account the archive itself is touched.
func (in *intruder) cover() {
	in.asSession(data, usEast1, in.truth.Sessions[1], night(2, 16, 40))
	archive := in.assume(night(3, 2, 15), "the chain goes on to the account of the archive", security, "log-archive-admin", "rotate", in.truth.Sessions[1].AccessKey)
	in.truth.AlteredKey = in.keyOf(in.truth.AlteredID)
	in.truth.DeletedKey = in.keyOf(in.truth.DeletedIDs[0])
	in.asSession(security, usEast1, archive, night(3, 2, 15))
	host := `"bucketName":"` + bucketName + `","Host":"` + bucketName + `.s3.us-east-1.amazonaws.com"`
	resources := `[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::` + bucketName + `/%s"},{"accountId":"` + in.accounts[security].id + `","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::` + bucketName + `"}]`
	in.do(act{at: night(3, 5, 20), source: "s3", name: "ListObjects", read: true, data: true, request: `{"list-type":"2",` + host + `,"prefix":"AWSLogs/` + in.accounts[prod].id + `/CloudTrail/us-east-1/2026/03/12/"}`})
	in.do(act{at: night(3, 6, 2), source: "s3", name: "GetObject", read: true, data: true, request: `{` + host + `,"key":"` + in.truth.AlteredKey + `"}`, resources: fmt.Sprintf(resources, in.truth.AlteredKey)})
	in.do(act{
		at: night(3, 7, 44), what: "a log file is written over", source: "s3", name: "PutObject", data: true,
		request: `{` + host + `,"key":"` + in.truth.AlteredKey + `"}`, resources: fmt.Sprintf(resources, in.truth.AlteredKey),
	})
	in.do(act{
		at: night(3, 8, 10), what: "another one deleted", source: "s3", name: "DeleteObject", data: true,
		request: `{` + host + `,"key":"` + in.truth.DeletedKey + `"}`, resources: fmt.Sprintf(resources, in.truth.DeletedKey),
	})
}

// keyOf is the key of the log file that was delivered with an event.
func (in *intruder) keyOf(id string) string {
	f := in.at(id).file(0)
	return logKey(&in.accounts[f.account], &f)
}

// finish puts everything in order and completes the truth.
func (in *intruder) finish() {
	for i := range in.groups {
		slices.SortStableFunc(in.groups[i].events, func(a, b toldEvent) int { return int(a.time - b.time) })
	}
	t := &in.truth
	slices.SortStableFunc(t.Steps, func(a, b Step) int { return a.Time.Compare(b.Time) })
	for i := range t.Steps {
		t.Steps[i].LogFile = in.keyOf(t.Steps[i].ID)
	}
	t.Began, t.Ended = t.Steps[0].Time, night(3, 8, 10)
}
