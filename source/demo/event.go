package demo

import (
	"strings"

	"github.com/klauspost/compress/gzip"
)

// A pen writes the events of one log file. It is reused; none of its buffers is kept by anybody.
type pen struct {
	d      *Demo
	r      rng
	scene  scene
	rec    record
	actors [3]actor
	parts  [8][]byte // buffers of the record's parts
	times  []int64
	oldest int64 // event times of the file written last
	newest int64
	text   []byte // uncompressed content
	zip    *gzip.Writer
}

// An actor is somebody at work: a run of calls of one principal.
type actor struct {
	who       *principal
	op        *operation
	ip, agent string
	left      int
	picks     picks // what the calls of the run are about
}

// shares are how often each class acts, by day and by night, in 1,000 (order of the classes).
var shares = [2][numClasses]int{{435, 105, 85, 110, 265}, {505, 22, 30, 150, 293}}

// event appends one event of background traffic.
func (p *pen) event(dst []byte, f *file, unix int64) []byte {
	a := &p.actors[p.r.n(len(p.actors))]
	if a.left == 0 {
		p.recast(a, f, unix)
	} else if p.r.perMille(110) {
		p.retask(a, f)
	}
	a.left--
	p.stage(a, f, unix)
	p.write(a)
	if a.picks = p.scene.picks; p.r.perMille(150) {
		a.picks = picks{}
	}
	return p.rec.append(dst)
}

// recast gives an actor's part to somebody.
func (p *pen) recast(a *actor, f *file, unix int64) {
	night := 0
	if bustle(unix, regions[f.region]) < 40 {
		night = 1
	}
	cl := p.d.classes[night].pick(&p.r)
	cast := p.d.cast[f.account][f.region][cl]
	a.who = &p.d.principals[f.account][cast.members[cast.picker.pick(&p.r)]]
	a.left = 1 + p.r.skewed(40)
	p.retask(a, f)
	a.ip, a.agent = "", ""
	if len(a.who.ips) > 0 {
		i := p.r.n(len(a.who.ips))
		a.ip = a.who.ips[i]
		a.agent = a.who.agents[min(i, len(a.who.agents)-1)]
	}
}

// retask gives an actor another thing to do.
func (p *pen) retask(a *actor, f *file) {
	tasks := &p.d.tasks[min(f.region, 1)]
	a.op = &p.d.operations[tasks[a.who.class].pick(&p.r)]
	a.picks = picks{}
}

// stage sets the scene of the next event.
func (p *pen) stage(a *actor, f *file, unix int64) {
	s := &p.scene
	s.r, s.account, s.region, s.time = &p.r, &p.d.accounts[f.account], f.region, unix
	s.who, s.service, s.call, s.by = a.who, a.op.service, a.op.name, a.op.by
	s.epoch = unix - (unix+int64(a.who.hash%uint64(a.who.sessionFor)))%a.who.sessionFor
	s.picks = a.picks
	s.requestID = s.requestID[:0]
	if a.op.service.s3 {
		s.requestID = appendDigits(s.requestID, &p.r, 16, upperLetters, 5)
	} else {
		s.requestID = appendUUID(s.requestID, p.r.src.Uint64(), p.r.src.Uint64())
	}
}

// write fills the record from the scene.
func (p *pen) write(a *actor) {
	e, s, op := &p.rec, &p.scene, a.op
	*e = record{
		version: op.service.version, source: op.service.prefix, name: op.name, region: regions[s.region].name,
		ip: a.ip, agent: a.agent, requestID: s.requestID, eventType: "AwsApiCall", category: "Management",
		account: s.account.id, time: s.time, readOnly: op.readOnly, data: op.kind == dataEvent,
	}
	if e.data {
		e.category = "Data"
	}
	failed := p.fail(op, a.who.class)
	e.request = p.part(0, op.req)
	if !failed {
		e.response = p.part(1, op.resp)
	}
	e.additional, e.resources = p.part(2, op.add), p.part(3, op.res)
	p.identify(a)
	switch op.kind {
	case serviceEvent:
		e.details, e.request, e.requestID, e.eventType = e.request, nil, nil, "AwsServiceEvent"
	case signIn:
		e.requestID, e.eventType = nil, "AwsConsoleSignIn"
	default: // as any call
	}
	e.id = [2]uint64{p.r.src.Uint64(), p.r.src.Uint64()}
}

// identify writes who calls, from where and over which connection.
func (p *pen) identify(a *actor) {
	e, s, op := &p.rec, &p.scene, a.op
	if a.who.class == classService {
		e.ip, e.agent = op.by, op.by
		e.identity = p.part(4, p.d.serviceIdentity)
		if op.kind == serviceEvent {
			e.identity = p.part(4, p.d.internalIdentity)
		} else {
			e.shared = [2]uint64{p.r.src.Uint64(), p.r.src.Uint64()}
		}
		return
	}
	e.identity = p.part(4, a.who.identity)
	if a.who.by != "" {
		return
	}
	e.fromConsole = a.who.console && strings.HasPrefix(a.agent, "Mozilla")
	if !e.fromConsole && !a.who.vpce {
		e.host = p.part(5, op.host)
	}
	if a.who.vpce {
		if hasEndpoint(op.service.prefix) {
			e.vpce = p.part(6, p.d.endpoint)
		} else {
			e.ip = p.d.gateways[s.account.index][s.region]
		}
	}
	if op.service.s3 {
		e.agent = p.d.bracketed[a.agent]
	}
}

// hasEndpoint says whether the company's networks reach a service without leaving AWS.
func hasEndpoint(service string) bool {
	switch service {
	case "s3", "dynamodb", "kms", "secretsmanager", "sts", "logs", "sqs", "ecr":
		return true
	}
	return false
}

// failPerMille is how many calls of others than AWS services go wrong; faultShares is of which kind.
const failPerMille = 138

var faultShares = [numFaults]int{faultThrottled: 34, faultMissing: 40, faultDenied: 20, faultInvalid: 6}

// fail decides whether the call goes wrong and writes how.
func (p *pen) fail(op *operation, cl class) bool {
	if cl == classService || op.kind == signIn || !p.r.perMille(failPerMille) {
		return false
	}
	f := &op.faults[p.d.faults.pick(&p.r)]
	p.rec.errorCode = f.code
	p.rec.errorMessage = p.part(7, f.message)
	return true
}

// part fills a template into buffer i; nil for an empty template.
func (p *pen) part(i int, t template) []byte {
	if len(t) == 0 {
		return nil
	}
	p.parts[i] = t.append(p.parts[i][:0], &p.scene)
	return p.parts[i]
}
