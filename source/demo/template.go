package demo

import (
	"strconv"
	"strings"
)

// A template is JSON text with holes: `{"bucketName":"<bucket>"}`. A hole names a fact of the event (<acct>, <arn>,
// <time>), a thing of the account (<bucket>, <i>; the same one throughout the record, another one with <i!>), or fresh
// noise of a given length (<hex:32>, <num:1-50>).
type template []hole

type hole struct {
	text string // before the hole
	fill filler
	pool uint8 // fillPool
	a, b int   // arguments
}

type filler uint8

const (
	fillNone filler = iota
	fillPool
	fillPoolFresh
	fillAccount
	fillRegion
	fillTime
	fillAmerican
	fillEpoch
	fillExpires
	fillArn
	fillName
	fillSession
	fillAccessKey
	fillCreated
	fillNewKey
	fillAction
	fillRoleID
	fillMFA
	fillService
	fillRequestID
	fillUUID
	fillHex
	fillToken
	fillBase64
	fillNumber
	fillBy
	fillDay
	fillSlashDay
	fillOdd
)

var fillers = map[string]filler{
	"acct": fillAccount, "region": fillRegion, "time": fillTime, "american": fillAmerican, "epoch": fillEpoch,
	"expires": fillExpires, "arn": fillArn, "me": fillName, "session": fillSession, "akid": fillAccessKey,
	"created": fillCreated, "newkey": fillNewKey, "roleid": fillRoleID, "mfa": fillMFA, "action": fillAction, "service": fillService,
	"reqid": fillRequestID, "uuid": fillUUID, "hex": fillHex, "tok": fillToken, "b64": fillBase64, "num": fillNumber,
	"by": fillBy, "day": fillDay, "slashday": fillSlashDay, "odd": fillOdd,
}

// compile reads a template; a hole that does not exist is a mistake in this package's tables.
func compile(text string) template {
	var t template
	for text != "" {
		before, rest, found := strings.Cut(text, "<")
		if !found {
			return append(t, hole{text: text})
		}
		name, after, closed := strings.Cut(rest, ">")
		if !closed {
			panic("demo: template: hole is not closed: " + text)
		}
		t = append(t, compileHole(before, name))
		text = after
	}
	return t
}

func compileHole(before, name string) hole {
	name, args, _ := strings.Cut(name, ":")
	h := hole{text: before, fill: fillPool}
	if bare, fresh := strings.CutSuffix(name, "!"); fresh {
		name, h.fill = bare, fillPoolFresh
	}
	for i := range pools {
		if pools[i].name == name {
			h.pool = uint8(i)
			return h
		}
	}
	fill, ok := fillers[name]
	if !ok {
		panic("demo: template: no such hole: " + name)
	}
	h.fill = fill
	if args != "" {
		low, high, ranged := strings.Cut(args, "-")
		h.a = mustInt(low)
		if h.b = h.a; ranged {
			h.b = mustInt(high)
		}
	}
	return h
}

func mustInt(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic("demo: template: not a number: " + s)
	}
	return n
}

// A scene is what the holes of one event are filled from.
type scene struct {
	r         *rng
	account   *account
	region    int
	time      int64
	who       *principal
	epoch     int64 // when the session of who began
	service   *service
	call      string
	by        string // the service that calls, of calls by services
	requestID []byte
	picks     picks
	scratch   [24]byte
}

// picks are, for each pool, the number+1 of the thing that an event is about; 0: not chosen yet.
type picks [maxPools]int16

func (t template) append(dst []byte, s *scene) []byte {
	for i := range t {
		h := &t[i]
		dst = append(dst, h.text...)
		if h.fill != fillNone {
			dst = h.append(dst, s)
		}
	}
	return dst
}

func (h *hole) append(dst []byte, s *scene) []byte {
	switch h.fill {
	case fillPool:
		if s.picks[h.pool] == 0 {
			s.picks[h.pool] = int16(pools[h.pool].choose(s.r, s.region)) + 1
		}
		return pools[h.pool].append(dst, s.account, s.region, int(s.picks[h.pool])-1)
	case fillPoolFresh:
		return pools[h.pool].append(dst, s.account, s.region, pools[h.pool].choose(s.r, s.region))
	case fillUUID:
		return appendUUID(dst, s.r.src.Uint64(), s.r.src.Uint64())
	case fillHex:
		return appendDigits(dst, s.r, s.r.between(h.a, h.b), hexDigits, 4)
	case fillToken:
		return appendDigits(dst, s.r, s.r.between(h.a, h.b), upperLetters, 5)
	case fillBase64:
		return appendDigits(dst, s.r, s.r.between(h.a, h.b), base64Digits, 6)
	case fillNumber:
		return appendInt(dst, int64(s.r.between(h.a, h.b)))
	case fillOdd:
		return append(dst, oddNames[s.r.n(len(oddNames))]...)
	default:
		return h.appendFact(dst, s)
	}
}

// appendFact fills holes that draw nothing.
func (h *hole) appendFact(dst []byte, s *scene) []byte {
	switch h.fill {
	case fillAccount:
		return append(dst, s.account.id...)
	case fillRegion:
		return append(dst, regions[s.region].name...)
	case fillTime:
		return appendTime(dst, s.time-int64(h.a))
	case fillDay:
		return append(dst, appendTime(s.scratch[:0], s.time)[:10]...)
	case fillSlashDay:
		c := toCivil(s.time)
		dst = append(appendInt(dst, c.year), '/')
		return appendPadded(append(appendPadded(dst, c.month), '/'), c.day)
	case fillAmerican:
		return appendAmericanTime(dst, s.time)
	case fillEpoch:
		return appendInt(dst, s.time*1000)
	case fillExpires:
		return appendAmericanTime(dst, s.time+3600)
	case fillArn:
		return s.who.arn.append(dst, s)
	case fillName:
		return append(dst, s.who.name...)
	case fillSession:
		return appendHashed(dst, hash(s.who.hash, uint64(s.epoch), 1), 32, hexDigits, 4)
	case fillAccessKey:
		return appendAccessKey(dst, "ASIA", hash(s.who.hash, uint64(s.epoch)))
	case fillCreated:
		return appendTime(dst, s.epoch+int64(mix(s.who.hash)%50))
	case fillNewKey:
		return appendAccessKey(dst, "ASIA", s.r.src.Uint64())
	case fillRoleID:
		return appendHashed(append(dst, "AROA"...), hash(hashText(s.account.id), uint64(s.picks[rolePool])), 17, keyLetters, 5)
	case fillMFA:
		if s.who.mfa {
			return append(dst, "Yes"...)
		}
		return append(dst, "No"...)
	case fillAction:
		return append(append(append(dst, s.service.prefix...), ':'), s.call...)
	case fillService:
		return append(dst, s.service.prefix...)
	case fillRequestID:
		return append(dst, s.requestID...)
	case fillBy:
		return append(dst, s.by...)
	default:
		return dst
	}
}

func appendAccessKey(dst []byte, prefix string, h uint64) []byte {
	return appendHashed(append(dst, prefix...), h, 16, keyLetters, 5)
}
