package source

import "bytes"

// isDocument tells what begins like text for people, or a program: with JSON in it or not it is no damaged log file. One
// that lost its beginning may begin with words, too, but soon a value of JSON ends.
func isDocument(head []byte) bool {
	if len(head) > 0 && opensValue(head[0]) {
		return false
	}
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte(byteOrderMark)), " \t\r\n")
	line, _, _ := bytes.Cut(head[:min(len(head), 200)], []byte("\n"))
	if len(line) == 0 || bytes.IndexByte(line, 0) >= 0 {
		return false
	}
	if c := line[0]; !isLetter(c) && c != '#' && c != '*' && c != '<' && c != '/' && !bytes.HasPrefix(line, []byte("---")) {
		return false
	}
	for _, end := range []string{`":`, `",`, `" :`} {
		if bytes.Contains(line, []byte(end)) {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80 }
