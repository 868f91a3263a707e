package source

import "bytes"

// Limits of what is gathered from one record.
const (
	maxResources  = 64
	maxCandidates = 4096
)

// A gatherer collects what stands anywhere in a record: which keys tell its shape, strings that may name resources, and
// access key ids handed out. Resources are settled at the end of the record, since eventSource may come late.
type gatherer struct {
	seen       seen
	candidates []candidate
	dropped    int // strings that surely name resources, found when candidates was full
	resources  [][]byte
	issued     [][]byte
	loose      [][]byte // see Event.Loose
	tree       bool     // the tree answered, or there are too many: loose does not hold all texts
}

// A candidate is a string that may name a resource.
type candidate struct {
	key, value []byte
	sure       bool
}

// seen is the set of top-level keys present in an object that say what it is, null or not.
type seen uint8

const (
	seenEventName seen = 1 << iota
	seenEventTime
	seenEventSource
	seenEventVersion
	seenEventID
	seenAggregateID
	seenDigest
	seenLookup
)

// seenKey is the bit of a top-level key. CloudTrailEvent has its own rule: it must be a string.
func seenKey(key []byte) seen {
	switch string(key) {
	case "eventName":
		return seenEventName
	case "eventTime":
		return seenEventTime
	case "eventSource":
		return seenEventSource
	case "eventVersion":
		return seenEventVersion
	case "eventID":
		return seenEventID
	case "eventId":
		return seenAggregateID
	case "digestS3Object":
		return seenDigest
	}
	return 0
}

func (g *gatherer) reset() {
	g.seen, g.dropped, g.loose, g.tree = 0, 0, g.loose[:0], false
	g.candidates, g.resources, g.issued = g.candidates[:0], g.resources[:0], g.issued[:0]
}

// candidate takes a string of a request, a response or serviceEventDetails.
func (g *gatherer) candidate(key, value []byte) {
	sure := isARN(value) || isResourceID(value)
	if !sure && (len(value) == 0 || !isNameKey(key)) {
		return
	}
	g.add(candidate{key, value, sure})
}

// certain takes a string that names a resource by its place.
func (g *gatherer) certain(value []byte) {
	if len(value) > 0 {
		g.add(candidate{nil, value, true})
	}
}

func (g *gatherer) add(c candidate) {
	if len(g.candidates) < maxCandidates {
		g.candidates = append(g.candidates, c)
	} else if c.sure {
		g.dropped++
	}
}

// accessKey takes a string of a response that may be an access key id handed out.
func (g *gatherer) accessKey(key, value []byte) {
	if string(key) != "accessKeyId" || len(value) < 4 || len(g.issued) == maxResources {
		return
	}
	if p := string(value[:4]); (p == "ASIA" || p == "AKIA") && !contains(g.issued, value) {
		g.issued = append(g.issued, value)
	}
}

// settle gives e what was gathered.
func (g *gatherer) settle(e *Event) {
	e.MoreResources = g.dropped
	var service []byte // worked out when it is needed
	for _, c := range g.candidates {
		if !c.sure && service == nil {
			service = e.Service()
		}
		if !c.sure && !isResourceName(service, c.key) || contains(g.resources, c.value) {
			continue
		}
		if len(g.resources) == maxResources {
			e.MoreResources++
			continue
		}
		g.resources = append(g.resources, c.value)
	}
	e.resources, e.issued = g.resources, g.issued
	e.loose, e.isLoose = g.loose, !g.tree
	e.Flags = e.guesses()
}

// isARN tells an ARN of any partition: "arn:" and at least five colons.
func isARN(s []byte) bool {
	return len(s) > 4 && string(s[:4]) == "arn:" && bytes.Count(s, []byte(":")) >= 5
}

// isNameKey tells the keys that hold the name of a resource in the calls of some service.
func isNameKey(key []byte) bool {
	if len(key) == 0 || nameKeys[len(key)%len(nameKeys)]&nameKeyBit(key) == 0 {
		return false
	}
	_, ok := resourceNames[string(key)]
	return ok
}

// nameKeys has a bit for each key of resourceNames, by its length and ends: most other keys have none.
var nameKeys = func() (bits [32]uint64) {
	for key := range resourceNames {
		bits[len(key)%len(bits)] |= nameKeyBit([]byte(key))
	}
	return bits
}()

func nameKeyBit(key []byte) uint64 {
	return 1 << ((key[0]*5 + key[len(key)-1]) % 64)
}

// isResourceKey tells the keys of an element of resources[] that name it; resourceName is that of Event history's CSV.
func isResourceKey(key []byte) bool {
	return string(key) == "ARN" || string(key) == "ARNPrefix" || string(key) == "resourceName"
}

func contains(list [][]byte, value []byte) bool {
	for _, v := range list {
		if bytes.Equal(v, value) {
			return true
		}
	}
	return false
}
