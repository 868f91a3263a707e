package source

import (
	"bytes"
	"unicode/utf8"
)

// sniff names what a file is by its first bytes, "" where it may hold JSON.
func sniff(head []byte) string {
	if len(head) == 0 || head[0] == '{' || head[0] == '[' {
		return ""
	}
	for _, magic := range []struct{ prefix, name string }{
		{"\x1f\x8b", "gzip inside gzip"},
		{"PK\x03\x04", "zip"},
		{"BZh", "bzip2"},
		{"\xfd7zXZ\x00", "xz"},
		{"\x28\xb5\x2f\xfd", "zstd"},
		{"PAR1", "Parquet"},
		{"%PDF-", "PDF"},
		{"\x89PNG", "PNG"},
		{"\xff\xd8\xff", "JPEG"},
		{"GIF8", "GIF"},
		{"\x7fELF", "ELF program"},
		{"SQLite format 3\x00", "SQLite database"},
		{"version https://git-lfs", "Git LFS pointer"},
		{"\xff\xfe", "UTF-16 text, not read yet"},
		{"\xfe\xff", "UTF-16 text, not read yet"},
		{"version account-id", "VPC flow logs"},
		{"User name,AWS access key", "Event history as CSV, not read yet"},
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
	case len(words) >= 2 && isTimestamp(words[0]) && words[1][0] == '{':
		return "CloudWatch Logs export, not read yet"
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

// isTimestamp tells the time at the head of a line of an export task: 2026-01-02T03:04:05.678Z.
func isTimestamp(s []byte) bool {
	return len(s) >= 20 && s[4] == '-' && s[7] == '-' && s[10] == 'T' && s[13] == ':' && s[len(s)-1] == 'Z'
}

// otherKeys names JSON that is no CloudTrail record by a top-level key; the first row that fits names it.
var otherKeys = []struct{ key, name string }{
	{"detail-type", "EventBridge envelope, not read yet"},
	{"detail", "EventBridge envelope, not read yet"},
	{"logEvents", "CloudWatch Logs envelope, not read yet"},
	{"logFiles", "digest-like list of log files"},
	{"class_uid", "OCSF record"},
	{"category_uid", "OCSF record"},
	{"_source", "Elasticsearch document, not read yet"},
	{"hits", "Elasticsearch result, not read yet"},
	{"TopicArn", "SNS notification"},
	{"ReceiptHandle", "SQS message"},
	{"receiptHandle", "SQS message"},
	{"Messages", "SQS messages"},
	{"s3ObjectKey", "notification of delivered log files"},
	{"dynamodb", "DynamoDB stream record"},
	{"PublicKeyList", "public keys of CloudTrail"},
	{"trailList", "list of trails"},
	{"Trails", "list of trails"},
	{"events", "CloudWatch Logs output, not read yet"},
	{"results", "CloudWatch Logs Insights output, not read yet"},
	{"result", "Splunk export, not read yet"},
	{"Records", "records inside another value, not read yet"},
	{"data", "envelope, not read yet"},
	{"input", "envelope, not read yet"},
	{"message", "envelope, not read yet"},
}

// otherSources names records of AWS services that look like events, by their eventSource.
var otherSources = map[string]string{
	"aws:s3":       "S3 notification",
	"aws:dynamodb": "DynamoDB stream record",
	"aws:kinesis":  "Kinesis record",
	"aws:sqs":      "SQS message",
}

// nameOther names a valid JSON value that is no CloudTrail record.
func (d *Decoder) nameOther(raw []byte) string {
	if source := d.impl.event.leaves[LeafEventSource]; bytes.HasPrefix(source, []byte("aws:")) {
		if name := otherSources[string(source)]; name != "" {
			return name
		}
		return "record of another AWS service"
	}
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
