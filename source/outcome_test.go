package source_test

import (
	"testing"

	"github.com/trailsift/trailsift/source"
)

func TestOutcome(t *testing.T) {
	f := func(want string, codes ...string) {
		t.Helper()
		for _, code := range codes {
			var e source.Event
			e.SetText(source.LeafErrorCode, []byte(code))
			if got := e.Outcome(); got != want {
				t.Errorf("Outcome() of %q = %s, want %s", code, got, want)
			}
		}
	}
	f("ok", "", "200")
	f("denied", "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Client.UnauthorizedOperation",
		"UnauthorizedAccess", "UnauthorizedException", "NotAuthorized", "NotAuthorizedException", "AuthorizationError",
		"AuthorizationErrorException", "VpceAccessDenied", "KMS.AccessDeniedException")
	f("throttled", "Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded",
		"Client.RequestLimitExceeded", "SlowDown", "ProvisionedThroughputExceededException", "Server.RequestLimitExceeded")
	f("failed", "NoSuchBucket", "NoSuchEntityException", "LimitExceededException", "Client.VcpuLimitExceeded",
		"Client.DryRunOperation", "Client.", "Exception", "x", "404", "Blocked")
}

func TestOutcomeWithoutErrorCode(t *testing.T) {
	f := func(more, want string) {
		t.Helper()
		decodeOne(t, `{"eventTime":"2026-01-02T03:04:05Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin"`+more+`}`,
			func(e *source.Event) {
				if got := e.Outcome(); got != want {
					t.Errorf("Outcome() with %s = %s, want %s", more, got, want)
				}
			})
	}
	f(``, "ok")
	f(`,"errorCode":null,"errorMessage":null,"responseElements":null`, "ok")
	f(`,"responseElements":{"ConsoleLogin":"Success"}`, "ok")
	f(`,"responseElements":{"ConsoleLogin":"Failure"}`, "failed")
	f(`,"responseElements":{"CheckMfa":"Failure"}`, "ok")
	f(`,"errorMessage":"Failed authentication"`, "failed")
	f(`,"errorCode":{"a":1}`, "ok")
}
