package aws

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// skewed is true where a request is refused for its time: services other than S3 have no code of their own for it.
func skewed(code, message string) bool {
	switch code {
	case "RequestTimeTooSkewed", "RequestInTheFuture":
		return true
	case "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure":
		return strings.Contains(message, "Signature expired") || strings.Contains(message, "Signature not yet current")
	}
	return false
}

// skewOf says how far this machine's clock is from the server's: by the Date of the answer, else by the time in the
// message, "Signature expired: 20261120T120000Z is now earlier than 20261120T124500Z (20261120T130000Z - 15 min.)".
func skewOf(err error, message string) string {
	var server time.Time
	if r, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && isAnswer(r.Response) {
		server, _ = http.ParseTime(r.Response.Header.Get("Date"))
	}
	if server.IsZero() {
		_, rest, _ := strings.Cut(message, "(")
		stamp, _, _ := strings.Cut(rest, " ")
		server, _ = time.Parse("20060102T150405Z", stamp)
	}
	off := time.Until(server).Round(time.Minute)
	switch {
	case server.IsZero() || off == 0:
		return "off"
	case off < 0:
		return inWords(-off) + " ahead of AWS"
	}
	return inWords(off) + " behind AWS"
}

// inWords is a duration of at least a minute: "5 min", "1 h 5 min", "3 days".
func inWords(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return fmt.Sprintf("%d days", d.Round(day)/day)
	case d >= time.Hour:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%d min", d/time.Minute)
}
