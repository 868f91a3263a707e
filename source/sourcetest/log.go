package sourcetest

import (
	"bytes"
	"compress/gzip"
	"fmt"
)

// Log is a small log file, gzip of {"Records":[…]} with one event: equal seeds give equal bytes.
func Log(seed int) []byte {
	return Gzip([]byte(`{"Records":[` + Record(seed) + `]}`))
}

// Record is a small event of account 111122223333, the seed in its id and time (seed minutes after 2026-11-20T00:00Z).
func Record(seed int) string {
	return fmt.Sprintf(`{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","userName":"bob"},"eventTime":"2026-11-20T%02d:%02d:00Z",`+
		`"eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.7",`+
		`"readOnly":true,"eventID":"00000000-0000-4000-8000-%012d","eventType":"AwsApiCall","managementEvent":true,`+
		`"recipientAccountId":"111122223333","eventCategory":"Management"}`, seed/60%24, seed%60, seed)
}

// Gzip compresses text.
func Gzip(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(text); err != nil {
		panic(err) // a buffer takes everything
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}
