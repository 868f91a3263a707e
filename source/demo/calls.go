package demo

import "strings"

// A service is an AWS service with what it is asked.
type service struct {
	prefix  string // eventSource without .amazonaws.com
	version string // eventVersion it writes
	host    string // template of clientProvidedHostHeader; "" for the Region's endpoint
	global  bool   // records in us-east-1 alone
	s3      bool   // short request ids, user agents in brackets
	faults  [numFaults]fault
	calls   []call
}

// A call is one operation in the tables: templates of its parts and who makes it how often.
type call struct {
	name string
	// who says how often each class calls it: "a900 h40 s20" (letters of classLetters). Weights count within a class.
	who string
	// request and response are templates; "" is null. A response is written only where the call succeeded.
	request, response string
	// extra is additionalEventData, resources the inside of the array.
	extra, resources string
	// missing is what this call answers when the thing is not there; zero: the service's.
	missing fault
	kind    callKind
	by      string // classService: the service that calls
}

type callKind uint8

const (
	management   callKind = iota
	dataEvent             // a data event
	readWithout           // management, read only although the name does not say so
	serviceEvent          // AwsServiceEvent: request is serviceEventDetails
	signIn                // AwsConsoleSignIn
)

// An operation is a call ready to be written.
type operation struct {
	call
	service                   *service
	readOnly                  bool
	req, resp, add, res, host template
	faults                    [numFaults]compiledFault
}

// A fault is an error code with the template of its message.
type fault struct{ code, message string }

type compiledFault struct {
	code    string
	message template
}

type faultKind uint8

const (
	faultThrottled faultKind = iota
	faultMissing
	faultDenied
	faultInvalid
	numFaults
)

// operations compiles the tables and says for each class how likely each operation is: in us-east-1, and elsewhere.
func operations() (all []operation, tasks [2][numClasses]picker) {
	var weights [2][numClasses][]int
	for _, table := range [][]service{storageServices(), computeServices(), identityServices(), otherServices()} {
		for i := range table {
			s := &table[i]
			for _, c := range s.calls {
				all = append(all, compileCall(s, c))
				for cl, w := range parseWho(c.who) {
					weights[0][cl] = append(weights[0][cl], w)
					if s.global {
						w = 0
					}
					weights[1][cl] = append(weights[1][cl], w)
				}
			}
		}
	}
	for where := range weights {
		for cl := range weights[where] {
			tasks[where][cl] = newPicker(weights[where][cl])
		}
	}
	return all, tasks
}

func compileCall(s *service, c call) operation {
	op := operation{
		call: c, service: s, readOnly: c.kind == readWithout || isRead(c.name),
		req: compile(c.request), resp: compile(c.response), add: compile(c.extra),
	}
	if c.resources != "" {
		op.res = compile("[" + c.resources + "]")
	}
	host := s.host
	if host == "" {
		host = s.prefix + ".<region>.amazonaws.com"
	}
	op.host = compile(host)
	for k := range numFaults {
		f := s.faults[k]
		if f.code == "" {
			f = defaultFaults[k]
		}
		if k == faultMissing && c.missing.code != "" {
			f = c.missing
		}
		op.faults[k] = compiledFault{f.code, compile(f.message)}
	}
	return op
}

// parseWho reads "a900 h40"; a letter or number that is wrong is a mistake in the tables.
func parseWho(who string) (weights [numClasses]int) {
	for part := range strings.FieldsSeq(who) {
		weights[strings.IndexByte(classLetters, part[0])] = mustInt(part[1:])
	}
	return weights
}

// readPrefixes begin the names of calls that only read.
var readPrefixes = [...]string{
	"Get", "List", "Describe", "Head", "Lookup", "BatchGet", "Query", "Scan", "Search", "Filter", "Simulate", "Select",
	"Check", "Poll", "Receive",
}

func isRead(name string) bool {
	for _, p := range readPrefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

var defaultFaults = [numFaults]fault{
	faultThrottled: {"ThrottlingException", "Rate exceeded"},
	faultMissing:   {"ResourceNotFoundException", "The requested resource was not found."},
	faultDenied: {
		"AccessDenied",
		"User: <arn> is not authorized to perform: <action> because no identity-based policy allows the <action> action",
	},
	faultInvalid: {"ValidationException", "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100"},
}

// rows builds the calls of a service of which only the names matter, with one request for all: "ListTags DescribeX".
func rows(who, request, names string) []call {
	var calls []call
	for name := range strings.FieldsSeq(names) {
		calls = append(calls, call{name: name, who: who, request: request})
	}
	return calls
}
