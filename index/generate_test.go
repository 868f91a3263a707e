package index_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/trailsift/trailsift/source"
)

// memory is a place in memory: its log files in the order in which it lists them.
type memory struct {
	id       string
	keys     []string
	files    map[string][]byte
	verdicts map[string]string // of log files that were verified
}

func newMemory(id string) *memory { return &memory{id: id, files: map[string][]byte{}} }

func (m *memory) add(key string, content []byte) {
	if _, held := m.files[key]; !held {
		m.keys = append(m.keys, key)
	}
	m.files[key] = content
}

func (m *memory) Place() source.Place { return source.Place{Text: m.id, ID: "memory:" + m.id} }

func (m *memory) List(context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		for _, key := range m.keys {
			f := source.File{Key: key, SizeBytes: int64(len(m.files[key])), ModTime: time.Unix(1_700_000_000, 0)}
			if !yield(f, nil) {
				return
			}
		}
	}
}

func (m *memory) Open(_ context.Context, f source.File) (*source.Object, error) {
	content, ok := m.files[f.Key]
	if !ok {
		return nil, fmt.Errorf("%s: not there", f.Key)
	}
	return &source.Object{Body: io.NopCloser(bytes.NewReader(content))}, nil
}

// reopen is what index.Options.Reopen does for some places.
func reopen(places ...*memory) func(context.Context, source.Place, string) (io.ReadCloser, error) {
	return func(ctx context.Context, p source.Place, key string) (io.ReadCloser, error) {
		for _, m := range places {
			if m.Place().ID == p.ID {
				o, err := m.Open(ctx, source.File{Key: key})
				if err != nil {
					return nil, err
				}
				return o.Body, nil
			}
		}
		return nil, fmt.Errorf("%s: no such place", p.ID)
	}
}

// A generator makes records that differ in everything queries ask about, with the odd shapes that CloudTrail delivers.
type generator struct {
	rng   *rand.Rand
	start time.Time
	span  time.Duration
	made  []string // for copies
	files int      // log files filled
	wide  bool     // thousands of users and addresses, as in a large organisation
}

func newGenerator(seed uint64) *generator {
	return &generator{
		rng:   rand.New(rand.NewPCG(seed, 0)),
		start: time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC),
		span:  3 * 24 * time.Hour,
	}
}

// skewed is a number below n; small ones are frequent.
func (g *generator) skewed(n int) int {
	f := g.rng.Float64()
	return int(f * f * f * float64(n))
}

func pickOf[T any](g *generator, of []T) T { return of[g.skewed(len(of))] }

func (g *generator) chance(percent int) bool { return g.rng.IntN(100) < percent }

var (
	genCalls = []string{
		"s3/GetObject", "sts/AssumeRole", "ec2/DescribeInstances", "s3/PutObject", "iam/GetUser", "kms/Decrypt",
		"s3/ListBuckets", "ec2/RunInstances", "iam/CreateUser", "signin/ConsoleLogin", "lambda/Invoke20150331",
		"ec2/TerminateInstances", "s3/DeleteObject", "iam/DeleteUser", "cloudtrail/StopLogging", "s3/DeleteBucket",
	}
	genUsers    = []string{"alice", "bob", "bob-admin", "Carol", "ci bot", "dave*", "eve\u202e", "Kelvin", "ﬁona", "straße", "mallory"}
	genRoles    = []string{"deploy", "ReadOnly", "admin-role", "AWSReservedSSO_Admin_0123456789abcdef"}
	genRegions  = []string{"us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2"}
	genErrors   = []string{"AccessDenied", "Client.UnauthorizedOperation", "ThrottlingException", "NoSuchKey", "ValidationException"}
	genAgents   = []string{"aws-cli/2.15.1 Python/3.11", "Boto3/1.34 md/Botocore", "APN/1.0 HashiCorp/1.0 Terraform/1.5", "console.amazonaws.com", "Mozilla/5.0 (X11; Linux) Firefox"}
	genAccounts = []string{"111111111111", "222222222222", "333333333333"}
	genBuckets  = []string{"prod-logs", "prod-data", "dev-data", "ümlaut", `back\\slash`, "a/b"}
)

func (g *generator) ip() string {
	switch g.rng.IntN(8) {
	case 0:
		return fmt.Sprintf("2001:db8:%x::%x", g.skewed(4), g.skewed(20))
	case 1:
		return pickOf(g, []string{"cloudformation.amazonaws.com", "AWS Internal", "lambda.amazonaws.com"})
	case 2:
		return fmt.Sprintf("::ffff:10.0.0.%d", g.skewed(4))
	}
	if g.wide {
		return fmt.Sprintf("10.%d.%d.%d", g.skewed(6), g.skewed(100), g.skewed(100))
	}
	return fmt.Sprintf("10.%d.%d.%d", g.skewed(3), g.skewed(3), g.skewed(40))
}

func (g *generator) guid() string {
	a, b := g.rng.Uint64(), g.rng.Uint64()
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&0xffffffffffff)
}

func (g *generator) identity() string {
	account := pickOf(g, genAccounts)
	switch g.rng.IntN(8) {
	case 0:
		return `{"type":"Root","accountId":"` + account + `","arn":"arn:aws:iam::` + account + `:root"}`
	case 1:
		return `{"type":"AWSService","invokedBy":"` + pickOf(g, []string{"ec2.amazonaws.com", "config.amazonaws.com"}) + `"}`
	case 2, 3:
		role, session := pickOf(g, genRoles), pickOf(g, []string{"run-1", "run-2", "alice@example.com", "i-0abc1234def567890"})
		mfa := pickOf(g, []string{"false", "true"})
		return fmt.Sprintf(`{"type":"AssumedRole","principalId":"AROAX:%[2]s","arn":"arn:aws:sts::%[3]s:assumed-role/%[1]s/%[2]s","accountId":"%[3]s","accessKeyId":"ASIA%04[5]d","sessionContext":{"attributes":{"mfaAuthenticated":"%[4]s","creationDate":"2024-03-01T00:00:00Z"},"sessionIssuer":{"type":"Role","userName":"%[1]s","arn":"arn:aws:iam::%[3]s:role/%[1]s"}}}`,
			role, session, account, mfa, g.skewed(50))
	case 4:
		return `null`
	}
	user := pickOf(g, genUsers)
	if g.wide {
		user = fmt.Sprintf("user-%04d", g.skewed(3000))
	}
	return fmt.Sprintf(`{"type":"IAMUser","userName":%s,"arn":"arn:aws:iam::%s:user/%s","accountId":"%s","accessKeyId":"AKIA%04d"}`,
		g.text(user), account, strings.Map(plainRune, user), account, g.skewed(40))
}

func plainRune(r rune) rune {
	if r > ' ' && r < 0x7f && r != '*' {
		return r
	}
	return 'x'
}

// text writes a JSON string, now and then with escapes where none are needed.
func (g *generator) text(s string) string {
	if g.chance(85) {
		return `"` + s + `"`
	}
	var b strings.Builder
	b.WriteByte('"')
	escaped := false
	for _, r := range s {
		switch {
		case escaped, r == '\\':
			escaped = !escaped
			b.WriteRune(r)
		case r < 0x10000 && g.chance(30):
			fmt.Fprintf(&b, `\u%04x`, r)
		case r == '/':
			b.WriteString(`\/`)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func (g *generator) time() string {
	at := g.start.Add(time.Duration(g.rng.Int64N(int64(g.span)))).Truncate(time.Second)
	if g.chance(30) {
		at = at.Truncate(time.Hour) // many at one time
	}
	switch g.rng.IntN(40) {
	case 0:
		return `"not a time"`
	case 1:
		return `null`
	case 2:
		return `"` + at.Format("2006-01-02T15:04:05.000Z") + `"`
	case 3:
		return `"` + at.Add(time.Duration(g.rng.IntN(1e9))).Format(time.RFC3339Nano) + `"`
	}
	return `"` + at.Format(time.RFC3339) + `"`
}

// record makes one record.
func (g *generator) record() string {
	call := strings.Split(pickOf(g, genCalls), "/")
	parts := []string{
		`"eventVersion":"1.08"`,
		`"userIdentity":` + g.identity(),
		`"eventTime":` + g.time(),
		`"eventSource":"` + call[0] + `.amazonaws.com"`,
		`"eventName":"` + call[1] + `"`,
		`"awsRegion":"` + pickOf(g, genRegions) + `"`,
		`"sourceIPAddress":"` + g.ip() + `"`,
		`"userAgent":` + g.text(pickOf(g, genAgents)),
		`"requestID":"` + g.guid() + `"`,
	}
	add := func(percent int, part string) {
		if g.chance(percent) {
			parts = append(parts, part)
		}
	}
	add(20, `"errorCode":"`+pickOf(g, genErrors)+`","errorMessage":"User is not authorized"`)
	add(80, `"readOnly":`+pickOf(g, []string{"true", "false"}))
	add(90, `"recipientAccountId":"`+pickOf(g, genAccounts)+`"`)
	add(90, `"eventType":"AwsApiCall"`)
	add(60, `"managementEvent":true,"eventCategory":"Management"`)
	add(10, `"sharedEventID":"`+g.guid()+`"`)
	add(10, `"vpcEndpointId":"vpce-0`+fmt.Sprint(g.skewed(5))+`"`)
	add(40, `"tlsDetails":{"tlsVersion":"TLSv1.`+fmt.Sprint(2+g.skewed(2))+`","clientProvidedHostHeader":"s3.amazonaws.com"}`)
	add(70, `"requestParameters":`+g.parameters())
	add(30, `"responseElements":{"instancesSet":{"items":[{"instanceId":"i-0`+fmt.Sprintf("%016x", g.skewed(30))+`"},{"imageId":"ami-0`+fmt.Sprintf("%016x", g.skewed(3))+`"}]}}`)
	add(20, `"resources":[{"ARN":"arn:aws:s3:::`+pickOf(g, genBuckets[:3])+`/key"},{"ARN":"arn:aws:s3:::`+pickOf(g, genBuckets[:3])+`"}]`)
	switch g.rng.IntN(30) {
	case 0: // no id
	case 1:
		parts = append(parts, `"eventID":"odd id `+fmt.Sprint(g.skewed(5))+`"`)
	case 2:
		parts = append(parts, `"eventID":"`+strings.ToUpper(g.guid())+`"`)
	default:
		parts = append(parts, `"eventID":"`+g.guid()+`"`)
	}
	if g.chance(20) {
		g.rng.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	}
	return "{" + strings.Join(parts, pickOf(g, []string{",", ", "})) + "}"
}

func (g *generator) parameters() string {
	if g.chance(10) {
		return "null"
	}
	return fmt.Sprintf(`{"bucketName":%s,"n":%d,"deep":{"list":[1,2.5,{"word":"two words"}],"flag":true},"%s":"v%d"}`,
		g.text(pickOf(g, genBuckets)), g.skewed(1000), pickOf(g, []string{"Host", "x-amz-acl", "dots.in.key"}), g.skewed(9))
}

// next makes a record, or a copy of one: the same, with more in it, or with another value.
func (g *generator) next() string {
	if len(g.made) > 10 && g.chance(12) {
		copied := g.made[g.rng.IntN(len(g.made))]
		switch g.rng.IntN(3) {
		case 0:
			return strings.TrimSuffix(copied, "}") + `,"eventContext":{"tag":"t` + fmt.Sprint(g.skewed(3)) + `"}}`
		case 1:
			return strings.Replace(copied, `"eventVersion":"1.08"`, `"eventVersion":"1.0`+fmt.Sprint(g.skewed(3))+`"`, 1)
		}
		return copied
	}
	r := g.record()
	g.made = append(g.made, r)
	return r
}

// fill adds log files of records to places, some of them with text around them that is no JSON.
func (g *generator) fill(files, each int, places ...*memory) {
	for range files {
		var records []string
		for range 1 + g.rng.IntN(2*each-1) {
			records = append(records, g.next())
		}
		m := places[g.rng.IntN(len(places))]
		key := fmt.Sprintf("AWSLogs/111111111111/CloudTrail/us-east-1/2024/03/01/log-%02d.json", g.files)
		g.files++
		content := `{"Records":[` + strings.Join(records, ",") + `]}`
		if g.chance(10) {
			content = content[:len(content)-2] // its end is missing
		}
		m.add(key, []byte(content))
	}
}
