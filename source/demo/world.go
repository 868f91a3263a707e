package demo

import "strings"

// The company: three accounts of one organization, all delivering to one bucket of the security account.
const (
	bucketName   = "examplecorp-cloudtrail-archive"
	trailName    = "prod-trail"
	homeRegion   = "us-east-1"
	organization = "o-9xmpl7c0rp"
)

// The accounts' numbers are those AWS uses in its documentation.
const (
	prod     = 0
	data     = 1
	security = 2
)

const (
	usEast1 = 0
	euWest1 = 1
)

type account struct {
	index    int
	id, name string
}

func companyAccounts() []account {
	return []account{
		{index: prod, id: "111122223333", name: "prod"},
		{index: data, id: "444455556666", name: "data"},
		{index: security, id: "777788889999", name: "security"},
	}
}

// A region's hours are shifted by where its users are.
type region struct {
	name  string
	shift int // hours after UTC at which the working day begins, less 8
}

var regions = [...]region{
	{name: "us-east-1", shift: 5},
	{name: "eu-west-1", shift: 0},
	{name: "eu-central-1", shift: -1},
	{name: "us-west-2", shift: 8},
	{name: "ap-southeast-1", shift: -8},
}

// A class groups principals that call the same things.
type class uint8

const (
	classApp     class = iota // roles of Lambda functions, containers, instances
	classHuman                // people: Identity Center, IAM users
	classBuild                // pipelines and Terraform
	classScan                 // scanners, monitors, AWS Config
	classService              // AWS services themselves
	numClasses
)

// classLetters name the classes in the tables of calls.
const classLetters = "ahbms"

// A principal is who calls: how its identity is written and where it calls from.
type principal struct {
	class      class
	name       string // the last part of its name
	by         string // invokedBy, of services
	hash       uint64
	identity   template
	arn        template
	ips        []string
	agents     []string
	sessionFor int64 // length of a session in seconds
	console    bool
	mfa        bool // signs in with a second factor that AWS sees: not so for sessions of Identity Center
	vpce       bool
	weight     int
	region     int // -1: all
}

// people work for the company. Names are made up.
var people = [...]string{
	"alice.moreau", "bob.tanaka", "carla.ruiz", "dmitri.volkov", "elena.rossi", "farid.haddad", "grace.okafor",
	"henrik.lund", "ines.carvalho", "jonas.weber", "kavya.nair", "liam.murphy", "mei.chen", "noah.schmidt",
	"olga.petrova", "pablo.garcia", "quinn.taylor", "rania.saleh", "sven.larsson", "tomoko.sato", "uma.patel",
	"viktor.novak", "wendy.hughes", "yusuf.demir",
}

// principals makes everybody who calls in an account.
func principals(a *account) []principal {
	var all []principal
	all = append(all, workloads(a)...)
	all = append(all, staff(a)...)
	all = append(all, machinery(a)...)
	for i := range all {
		all[i].hash = hash(hashText(a.id), hashText(all[i].name), uint64(i))
	}
	return all
}

// sessionIdentity is an assumed role's userIdentity; role is the role's path and name, extra goes into sessionContext.
func sessionIdentity(a *account, rolePath, role, session, extra string) template {
	id := roleID(a, role)
	return compile(`{"type":"AssumedRole","principalId":"` + id + `:` + session + `","arn":"arn:aws:sts::` + a.id +
		`:assumed-role/` + role + `/` + session + `","accountId":"` + a.id + `","accessKeyId":"<akid>","sessionContext":` +
		`{"sessionIssuer":{"type":"Role","principalId":"` + id + `","arn":"arn:aws:iam::` + a.id + `:role/` + rolePath + role +
		`","accountId":"` + a.id + `","userName":"` + role + `"},` + extra +
		`"attributes":{"creationDate":"<created>","mfaAuthenticated":"false"}}}`)
}

func sessionArn(a *account, role, session string) template {
	return compile("arn:aws:sts::" + a.id + ":assumed-role/" + role + "/" + session)
}

// workloads are the roles of Lambda functions, containers and instances.
func workloads(a *account) []principal {
	var all []principal
	for i, word := range words {
		function := word + "-handler"
		role := function + "-role"
		all = append(all, principal{
			class: classApp, name: function, sessionFor: 6 * 3600, weight: 2400 / (i + 4), region: i % len(regions),
			identity: sessionIdentity(a, "service-role/", role, function, ""), arn: sessionArn(a, role, function),
			ips: publicIPs(a.id+function, 2), agents: sdkAgents(function, 2, true),
		})
		role = word + "-task"
		all = append(all, principal{
			class: classApp, name: word + "-task", sessionFor: 12 * 3600, weight: 2000 / (i + 3), region: -1, vpce: i%2 == 0,
			identity: sessionIdentity(a, "", role, "<session>", ""), arn: sessionArn(a, role, "<session>"),
			ips: networkIPs(a.id+role, 2, i%2 == 0), agents: sdkAgents(role, 1, false),
		})
		if i%3 == 0 {
			all = append(all, instances(a, i, word+"-node")...)
		}
	}
	return all
}

// instances are three machines of one role.
func instances(a *account, rank int, role string) []principal {
	var all []principal
	for n := range 3 {
		where := (rank + n) % len(regions)
		id := string(pools[0].append(nil, a, where, rank*2+n))
		all = append(all, principal{
			class: classApp, name: id, sessionFor: 6 * 3600, weight: 900 / (rank + 4), region: where, vpce: n == 0,
			identity: sessionIdentity(a, "", role, id, `"ec2RoleDelivery":"2.0",`), arn: sessionArn(a, role, id),
			ips: networkIPs(a.id+id, 1, n == 0), agents: sdkAgents(id, 1, false),
		})
	}
	return all
}

var permissionSets = [...]string{"PowerUserAccess", "ReadOnlyAccess", "AdministratorAccess", "DataScientist", "Billing"}

// staff are people: Identity Center sessions, a few IAM users, and root.
func staff(a *account) []principal {
	var all []principal
	for i, person := range people {
		set := permissionSets[int(hashText(person+a.id)%16)*len(permissionSets)/16]
		role := "AWSReservedSSO_" + set + "_" + string(appendHashed(nil, hashText(set+a.id), 16, hexDigits, 4))
		mail := person + "@example.com"
		p := principal{
			class: classHuman, name: mail, sessionFor: 8 * 3600, weight: 1300 / (i + 5), region: -1, console: i%3 != 2,
			identity: sessionIdentity(a, "aws-reserved/sso.amazonaws.com/", role, mail, ""), arn: sessionArn(a, role, mail),
			ips: homeIPs(person, i), agents: personAgents(person, i%3 != 2),
		}
		all = append(all, p)
	}
	for i, user := range poolByName("user").tails {
		cl := classApp // programs with a key of their own
		if user == "zoe.mueller" || user == "bob-admin" {
			cl = classHuman
		}
		all = append(all, principal{
			class: cl, name: user, mfa: true, sessionFor: 86400, weight: 1500 / (i + 3), region: -1,
			identity: compile(userIdentity(a, user)),
			arn:      compile("arn:aws:iam::" + a.id + ":user/" + user), ips: homeIPs(user, i), agents: sdkAgents(user, 1, false),
		})
	}
	return append(all, principal{
		class: classHuman, name: "root", mfa: true, sessionFor: 3600, weight: 2, region: usEast1, console: true,
		identity: compile(`{"type":"Root","principalId":"` + a.id + `","arn":"arn:aws:iam::` + a.id + `:root","accountId":"` + a.id +
			`","accessKeyId":"<akid>","sessionContext":{"attributes":{"creationDate":"<created>","mfaAuthenticated":"true"}}}`),
		arn: compile("arn:aws:iam::" + a.id + ":root"), ips: homeIPs("root", 0), agents: personAgents("root", true),
	})
}

// machinery are pipelines, scanners and AWS itself.
func machinery(a *account) []principal {
	github := `"webIdFederationData":{"federatedProvider":"arn:aws:iam::` + a.id +
		`:oidc-provider/token.actions.githubusercontent.com","attributes":{}},`
	all := []principal{
		{
			class: classBuild, name: "GitHubActions", sessionFor: 1200, weight: 500, region: -1,
			identity: sessionIdentity(a, "", "github-deploy", "GitHubActions", github), arn: sessionArn(a, "github-deploy", "GitHubActions"),
			ips: runnerIPs(), agents: terraformAgents(),
		},
		{
			class: classBuild, name: "terraform-plan", sessionFor: 1800, weight: 300, region: -1,
			identity: sessionIdentity(a, "automation/", "terraform", "terraform-plan", ""), arn: sessionArn(a, "terraform", "terraform-plan"),
			ips: runnerIPs()[:6], agents: terraformAgents(),
		},
		{
			class: classScan, name: "posture-scan", sessionFor: 3600, weight: 500, region: -1,
			identity: sessionIdentity(a, "", "security-audit", "posture-scan", ""), arn: sessionArn(a, "security-audit", "posture-scan"),
			ips: publicIPs("posture-scan", 2), agents: sdkAgents("posture-scan", 1, false),
		},
		{
			class: classScan, name: "MonitoringIntegration", sessionFor: 3600, weight: 400, region: -1,
			identity: sessionIdentity(a, "", "monitoring-integration", "MonitoringIntegration", ""),
			arn:      sessionArn(a, "monitoring-integration", "MonitoringIntegration"),
			ips:      publicIPs("monitoring", 4), agents: sdkAgents("monitoring", 1, false),
		},
		{class: classService, name: "service", sessionFor: 3600, weight: 1, region: -1},
	}
	return append(all, serviceLinked(a, "config", "AWSServiceRoleForConfig", "AWSConfig-Describe", 700),
		serviceLinked(a, "autoscaling", "AWSServiceRoleForAutoScaling", "AutoScaling", 200))
}

// serviceLinked is a service-linked role: its calls come from the service.
func serviceLinked(a *account, service, role, session string, weight int) principal {
	by := service + ".amazonaws.com"
	p := principal{
		class: classScan, name: session, by: by, sessionFor: 3600, weight: weight, region: -1,
		identity: sessionIdentity(a, "aws-service-role/"+by+"/", role, session, ""), arn: sessionArn(a, role, session),
		ips: []string{by}, agents: []string{by},
	}
	last := &p.identity[len(p.identity)-1]
	last.text = strings.TrimSuffix(last.text, "}") + `,"invokedBy":"` + by + `"}`
	return p
}

func poolByName(name string) *pool {
	for i := range pools {
		if pools[i].name == name {
			return &pools[i]
		}
	}
	panic("demo: no such pool: " + name)
}
