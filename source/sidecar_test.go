package source_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
)

func TestSidecarKeepsUserMetadata(t *testing.T) {
	meta := map[string]string{"x-amz-meta-signature": "5a0b", "x-amz-meta-signature-algorithm": "SHA256withRSA"}
	got, err := source.ParseSidecar(source.FormatSidecar(meta))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(meta, got); diff != "" {
		t.Errorf("metadata written and read again (-want +got):\n%s", diff)
	}
}

func TestParseSidecarReadsHeadObject(t *testing.T) {
	got, err := source.ParseSidecar([]byte(`{"ContentLength":7,"ETag":"\"x\"","Metadata":{"Signature":"aa"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"x-amz-meta-signature": "aa"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, bad := range []string{"", "[]", `{"Metadata":7}`, `{"Metadata":{"a":`} {
		if _, err := source.ParseSidecar([]byte(bad)); err == nil {
			t.Errorf("ParseSidecar(%q) found no fault", bad)
		}
	}
}
