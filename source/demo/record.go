package demo

// A record holds the parts of one CloudTrail record. Texts are the inside of JSON strings, already escaped; parts that
// are objects or arrays are JSON texts. An empty optional part is left out, an empty request or response is null.
type record struct {
	version, source, name, region string
	ip, agent                     string
	errorCode                     string
	errorMessage                  []byte
	identity, request, response   []byte
	additional, requestID         []byte
	resources, details            []byte
	host                          []byte // clientProvidedHostHeader; empty: no tlsDetails
	eventType, category, account  string
	vpce                          []byte
	shared                        [2]uint64 // sharedEventID; zero: none
	id                            [2]uint64 // eventID
	time                          int64     // Unix seconds
	readOnly, data, fromConsole   bool
}

// append appends the record in the key order of trail files of 2021 to 2026.
func (e *record) append(dst []byte) []byte {
	dst = append(append(dst, `{"eventVersion":"`...), e.version...)
	dst = append(append(dst, `","userIdentity":`...), e.identity...)
	dst = appendTime(append(dst, `,"eventTime":"`...), e.time)
	dst = append(append(dst, `","eventSource":"`...), e.source...)
	dst = append(append(dst, `.amazonaws.com","eventName":"`...), e.name...)
	dst = append(append(dst, `","awsRegion":"`...), e.region...)
	dst = append(append(dst, `","sourceIPAddress":"`...), e.ip...)
	dst = append(append(dst, `","userAgent":"`...), e.agent...)
	dst = append(dst, '"')
	if e.errorCode != "" {
		dst = append(append(dst, `,"errorCode":"`...), e.errorCode...)
		dst = append(dst, '"')
	}
	if len(e.errorMessage) > 0 {
		dst = append(append(dst, `,"errorMessage":"`...), e.errorMessage...)
		dst = append(dst, '"')
	}
	dst = appendOrNull(append(dst, `,"requestParameters":`...), e.request)
	dst = appendOrNull(append(dst, `,"responseElements":`...), e.response)
	dst = appendPart(dst, `,"additionalEventData":`, e.additional)
	return e.appendTail(dst)
}

func (e *record) appendTail(dst []byte) []byte {
	if len(e.requestID) > 0 {
		dst = append(append(dst, `,"requestID":"`...), e.requestID...)
		dst = append(dst, '"')
	}
	dst = appendUUID(append(dst, `,"eventID":"`...), e.id[0], e.id[1])
	dst = appendBool(append(dst, `","readOnly":`...), e.readOnly)
	dst = appendPart(dst, `,"resources":`, e.resources)
	dst = appendPart(dst, `,"serviceEventDetails":`, e.details)
	dst = append(append(dst, `,"eventType":"`...), e.eventType...)
	dst = appendBool(append(dst, `","managementEvent":`...), !e.data)
	dst = append(append(dst, `,"recipientAccountId":"`...), e.account...)
	if e.shared != [2]uint64{} {
		dst = appendUUID(append(dst, `","sharedEventID":"`...), e.shared[0], e.shared[1])
	}
	if len(e.vpce) > 0 {
		dst = append(append(dst, `","vpcEndpointId":"`...), e.vpce...)
	}
	dst = append(append(dst, `","eventCategory":"`...), e.category...)
	dst = append(dst, '"')
	if len(e.host) > 0 {
		dst = append(append(dst, `,"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256",`+
			`"clientProvidedHostHeader":"`...), e.host...)
		dst = append(dst, `"}`...)
	}
	if e.fromConsole {
		dst = append(dst, `,"sessionCredentialFromConsole":"true"`...)
	}
	return append(dst, '}')
}

func appendOrNull(dst, part []byte) []byte {
	if len(part) == 0 {
		return append(dst, "null"...)
	}
	return append(dst, part...)
}

func appendPart(dst []byte, key string, part []byte) []byte {
	if len(part) == 0 {
		return dst
	}
	return append(append(dst, key...), part...)
}

func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}
