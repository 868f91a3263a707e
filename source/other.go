package source

import (
	"bytes"
	"unicode/utf8"
)

// sniff names what a file is by its first bytes, "" where it may hold JSON.
func sniff(head []byte) string {
	if len(head) == 0 || head[0] == '{' || head[0] == '[' || isJSONString(head) {
		return ""
	}
	for _, magic := range []struct{ prefix, name string }{
		{"\x1f\x8b", "gzip inside gzip inside gzip"},
		{"PK\x03\x04", "zip"},
		{"BZh", "bzip2 inside another file"},
		{"\x28\xb5\x2f\xfd", "zstd inside another file"},
		{"\xfd7zXZ\x00", "xz"},
		{"PAR1", "Parquet"},
		{"%PDF-", "PDF"},
		{"\x89PNG", "PNG"},
		{"\xff\xd8\xff", "JPEG"},
		{"GIF8", "GIF"},
		{"\x7fELF", "ELF program"},
		{"SQLite format 3\x00", "SQLite database"},
		{"version https://git-lfs", "Git LFS pointer"},
		{"version account-id", "VPC flow logs"},
		{"<?xml", "XML"},
		{"<!DOCTYPE", "HTML"},
		{"<html", "HTML"},
	} {
		if bytes.HasPrefix(head, []byte(magic.prefix)) {
			return magic.name
		}
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return "tar"
	}
	return sniffLine(head)
}

// sniffLine names text logs by their first line.
func sniffLine(head []byte) string {
	line, _, _ := bytes.Cut(head[:min(len(head), 1024)], []byte("\n"))
	switch words := bytes.Fields(line); {
	case len(words) >= 13 && len(words[0]) == 1 && bytes.HasPrefix(words[2], []byte("eni-")):
		return "VPC flow logs"
	case len(words) >= 3 && len(words[0]) == 64 && words[2][0] == '[':
		return "S3 server access log"
	case isProse(head):
		return "text"
	}
	return ""
}

// isProse tells readable text without the beginning of an object: notes beside logs, which are no damaged log file.
func isProse(head []byte) bool {
	if len(bytes.TrimSpace(head)) == 0 {
		return false
	}
	if len(head) > sniffed {
		head = head[:sniffed]
	}
	for i, c := range head {
		if c == '{' && opensMember(head[i:]) || c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f {
			return false
		}
		if c >= utf8.RuneSelf {
			return validPrefix(head[i:]) && !bytes.ContainsAny(head[i:], "\x00\x1b") && !holdsMember(head[i:])
		}
	}
	return true
}

// opensMember tells a brace behind which a key begins.
func opensMember(s []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(s[1:], " \t\r\n"), []byte(`"`))
}

func holdsMember(s []byte) bool {
	for {
		i := bytes.IndexByte(s, '{')
		if i < 0 {
			return false
		}
		if s = s[i:]; opensMember(s) {
			return true
		}
		s = s[1:]
	}
}

// Of a file's beginning at least sniffAtLeast bytes are looked at, if it has them, and at most sniffed.
const (
	sniffAtLeast = 1 << 10
	sniffed      = 64 << 10
)

// validPrefix tells UTF-8 that may end within a character.
func validPrefix(s []byte) bool {
	for n := range utf8.UTFMax {
		if n <= len(s) && utf8.Valid(s[:len(s)-n]) {
			return true
		}
	}
	return false
}

// isJSONString tells the beginning of a string that holds JSON, or what base64 makes of gzip or of an object.
func isJSONString(head []byte) bool {
	for _, prefix := range []string{`"{`, `"[`, `"\"`, `"ey`, `"H4sI`} {
		if bytes.HasPrefix(head, []byte(prefix)) {
			return true
		}
	}
	return false
}

// otherKeys names JSON that is no CloudTrail record by a top-level key; the first row that fits names it.
var otherKeys = []struct{ key, name string }{
	{"detail-type", "EventBridge event that is no CloudTrail record"},
	{"detail", "EventBridge event that is no CloudTrail record"},
	{"logEvents", "CloudWatch Logs output without CloudTrail records"},
	{"logFiles", "digest-like list of log files"},
	{"class_uid", "OCSF record"},
	{"category_uid", "OCSF record"},
	{"_source", "Elasticsearch document without a CloudTrail record"},
	{"hits", "Elasticsearch result without CloudTrail records"},
	{"TopicArn", "SNS notification"},
	{"ReceiptHandle", "SQS message"},
	{"receiptHandle", "SQS message"},
	{"Messages", "SQS messages"},
	{"s3ObjectKey", "notification of delivered log files"},
	{"dynamodb", "DynamoDB stream record"},
	{"PublicKeyList", "public keys of CloudTrail"},
	{"trailList", "list of trails"},
	{"Trails", "list of trails"},
	{"events", "CloudWatch Logs output without CloudTrail records"},
	{"ingestionTime", "CloudWatch Logs output without CloudTrail records"},
	{"results", "search results without CloudTrail records"},
	{"result", "Splunk export without CloudTrail records"},
	{"Records", "records inside another value, none of CloudTrail"},
	{"data", "envelope without a CloudTrail record"},
	{"input", "envelope without a CloudTrail record"},
	{"message", "log message that is no CloudTrail record"},
}

// otherSources names records of AWS services that look like events, by their eventSource.
var otherSources = map[string]string{
	"aws:s3":       "S3 notification",
	"aws:dynamodb": "DynamoDB stream record",
	"aws:kinesis":  "Kinesis record",
	"aws:sqs":      "SQS message",
}

// ofOtherSource names a record of another AWS service by its eventSource, "" where that is none.
func ofOtherSource(source []byte) string {
	if !bytes.HasPrefix(source, []byte("aws:")) {
		return ""
	}
	if name := otherSources[string(source)]; name != "" {
		return name
	}
	return "record of another AWS service"
}

// nameOther names a valid JSON value that is no CloudTrail record.
func nameOther(raw []byte) string {
	if raw[0] != '{' {
		return "JSON without CloudTrail records"
	}
	keys := map[string]bool{}
	s := scanner{text: append(bytes.Clone(raw), make([]byte, pad)...), n: len(raw), badText: -1}
	for i, more := s.space(1), true; more && len(keys) < 1000 && s.text[i] == '"'; {
		end := s.str(i + 1)
		keys[string(s.decoded(i+1, end))] = true
		i, more = s.next(s.skip(s.colon(end+1), 1), '}')
	}
	for _, row := range otherKeys {
		if keys[row.key] {
			return row.name
		}
	}
	return "JSON without CloudTrail records"
}
