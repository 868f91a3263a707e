package source

import "bytes"

// The outcomes of a call.
const (
	OutcomeOK        = "ok"
	OutcomeDenied    = "denied"
	OutcomeFailed    = "failed"
	OutcomeThrottled = "throttled"
)

// Outcome says how the call ended: ok, denied, failed or throttled. It failed if it has an error code or message, or
// its response says Failure (console sign-ins have no error code). What was denied or throttled is told by the code,
// whose spelling differs from service to service.
func (e *Event) Outcome() string {
	code := e.leaves[LeafErrorCode]
	switch {
	case len(code) == 0, string(code) == "200": // some services write a success so
		if len(e.leaves[LeafErrorMessage]) == 0 && len(e.leaves[LeafResponseFailure]) == 0 {
			return OutcomeOK
		}
		return OutcomeFailed
	case isDenied(code):
		return OutcomeDenied
	case isThrottle(code):
		return OutcomeThrottled
	}
	return OutcomeFailed
}

// bareCode is an error code without what differs between services that mean the same.
func bareCode(code []byte) []byte {
	code = bytes.TrimPrefix(code, []byte("Client."))
	code = bytes.TrimPrefix(code, []byte("Server."))
	return bytes.TrimSuffix(code, []byte("Exception"))
}

// isDenied tells the family of codes that mean "not allowed".
func isDenied(code []byte) bool {
	code = bareCode(code)
	switch string(code) {
	case "AccessDenied", "UnauthorizedOperation", "UnauthorizedAccess", "Unauthorized", "VpceAccessDenied":
		return true
	}
	return bytes.HasSuffix(code, []byte("UnauthorizedOperation")) ||
		bytes.HasSuffix(code, []byte("AccessDenied")) ||
		bytes.HasPrefix(code, []byte("NotAuthorized")) ||
		bytes.HasPrefix(code, []byte("AuthorizationError"))
}

// isThrottle tells the family of codes that mean "too fast": CloudTrail's usual ones and those the AWS SDKs' standard
// retry mode takes for throttling. LimitExceeded is a quota, not a rate.
func isThrottle(code []byte) bool {
	switch string(bareCode(code)) {
	case "Throttling", "Throttled", "TooManyRequests", "RequestLimitExceeded", "SlowDown",
		"ProvisionedThroughputExceeded", "RequestThrottled", "EC2Throttled", "BandwidthLimitExceeded":
		return true
	}
	return false
}
