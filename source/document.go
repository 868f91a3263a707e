package source

import "bytes"

// isDocument tells text for people, JSON in it or not: a README about JSON is no damaged log file. A log file that lost
// its beginning may begin with words, too: then keys of records stand in it, unless it begins like a page.
func isDocument(head []byte) bool {
	if len(head) > 0 && opensValue(head[0]) {
		return false
	}
	line, _, _ := bytes.Cut(bytes.TrimLeft(bytes.TrimPrefix(head, []byte(byteOrderMark)), " \t\r\n"), []byte("\n"))
	word, _, _ := bytes.Cut(line, []byte(" "))
	word = bytes.TrimRight(word, ",:;.!")
	if len(line) == 0 || bytes.IndexByte(line, 0) >= 0 {
		return false
	}
	if bytes.HasPrefix(line, []byte("# ")) || bytes.HasPrefix(line, []byte("<!--")) || bytes.HasPrefix(line, []byte("---")) {
		return true
	}
	if !isLetter(line[0]) && line[0] != '*' && line[0] != '#' || bytes.ContainsAny(word, `"{}[],:`) {
		return false
	}
	for _, key := range []string{`"eventName"`, `"eventVersion"`, `"eventTime"`, `"eventID"`, `"eventSource"`, `"userIdentity"`} {
		if bytes.Contains(head, []byte(key)) {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80 }
