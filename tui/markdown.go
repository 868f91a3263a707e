package tui

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/trailsift/trailsift/tui/text"
)

// markdown writes the bookmarks as a document: time, event id, note and record of each. What is hostile in them is
// written as an escape and stands in code, so that neither a terminal nor a browser takes it for anything else.
func (e *exporter) markdown(ctx context.Context, w io.Writer) error {
	if _, err := fmt.Fprintf(w, "# Bookmarks\n\n%s of %s, written %s.\n",
		many(len(e.notes), "event"), codeSpan(e.places), e.now.UTC().Format("2006-01-02 15:04:05Z")); err != nil {
		return err
	}
	for i := range e.notes {
		if err := ctx.Err(); err != nil {
			return err
		}
		e.done++
		e.progress(e.done)
		if _, err := io.WriteString(w, e.section(ctx, &e.notes[i])); err != nil {
			return err
		}
	}
	return nil
}

// section is one bookmark.
func (e *exporter) section(ctx context.Context, b *bookmark) string {
	var s strings.Builder
	when := "no time"
	if !b.Time.IsZero() {
		when = b.Time.UTC().Format("2006-01-02 15:04:05Z")
	}
	fmt.Fprintf(&s, "\n## %s %s\n\n", when, codeSpan(b.Event))
	if b.Note != "" {
		fmt.Fprintf(&s, "> %s\n\n", plainText(b.Note))
	}
	fmt.Fprintf(&s, "- who: %s\n- event id: %s\n", codeSpan(b.User), codeSpan(b.ID))
	if !b.has {
		e.missing++
		s.WriteString("- the event is not held in this store\n")
		return s.String()
	}
	rec, err := e.index.Record(ctx, b.ref)
	if err != nil {
		e.missing++
		fmt.Fprintf(&s, "- the record cannot be read: %s\n", codeSpan(errorText(err)))
		return s.String()
	}
	fmt.Fprintf(&s, "- log file: %s, record %d, SHA-256 `%x`\n- integrity: %s\n", codeSpan(rec.Key), rec.Position+1, rec.SHA256, codeSpan(rec.Verdict))
	if len(rec.Raw) == 0 {
		e.missing++
		fmt.Fprintf(&s, "- %s\n", codeSpan(rec.Missing))
		return s.String()
	}
	e.tokens += tokensIn(rec.Raw)
	body := readable(rec.Raw)
	fence := strings.Repeat("`", max(longestRun(string(body))+1, 3))
	fmt.Fprintf(&s, "\n%sjson\n%s\n%s\n", fence, body, fence)
	return s.String()
}

// readable is a record with line breaks, its hidden characters as escapes of JSON: the same value.
func readable(raw []byte) []byte {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return []byte(text.Visible(string(raw)))
	}
	return text.JSON(b.Bytes())
}

// codeSpan is text from outside as code of Markdown, on one line.
func codeSpan(s string) string {
	s = text.Visible(s)
	if s == "" {
		return "-"
	}
	fence := strings.Repeat("`", longestRun(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// plainText is text that Markdown does not take for anything else.
func plainText(s string) string {
	var b strings.Builder
	for _, r := range text.Visible(s) {
		if strings.ContainsRune("\\`*_{}[]()<>#+-!|&~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// longestRun is the longest run of backquotes in a text.
func longestRun(s string) int {
	longest, run := 0, 0
	for _, r := range s {
		run++
		if r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}
