package inflate_test

import (
	"bufio"
	"bytes"
	stdflate "compress/flate"
	stdgzip "compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"

	"github.com/trailsift/trailsift/source/inflate"
)

// mostOutput is where a comparison ends: few bytes may stand for very many.
const mostOutput = 1 << 20

// class is what kind of error this is, in the way the decoder of log files tells them apart.
func class(err error) string {
	var corrupt stdflate.CorruptInputError
	switch {
	case err == nil:
		return "more"
	case errors.Is(err, io.EOF):
		return "end"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "cut"
	case errors.Is(err, stdgzip.ErrHeader):
		return "header"
	case errors.Is(err, stdgzip.ErrChecksum):
		return "checksum"
	case errors.As(err, &corrupt):
		return "corrupt"
	}
	return err.Error()
}

// readAll reads up to mostOutput bytes with buffers of the sizes that size gives.
func readAll(r io.Reader, size func() int) (content []byte, err error) {
	buf := make([]byte, 256<<10)
	for err == nil && len(content) < mostOutput {
		var n int
		room := min(size(), mostOutput-len(content))
		n, err = r.Read(buf[:room:room]) // no room behind it that could hide a write too far
		content = append(content, buf[:n]...)
	}
	return content, err
}

func sized(n int) func() int { return func() int { return n } }

// want is what compress/gzip makes of a file.
func want(file []byte) (content []byte, err error) {
	z, err := stdgzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	return readAll(z, sized(64<<10))
}

// check compares what z makes of a file with what compress/gzip does.
func check(t *testing.T, z *inflate.Reader, r io.Reader, file []byte, size func() int) {
	t.Helper()
	wantContent, wantErr := want(file)
	var content []byte
	err := z.Reset(r)
	if err == nil {
		content, err = readAll(z, size)
	}
	if class(err) != class(wantErr) {
		t.Errorf("%v after %d bytes, want %v after %d", err, len(content), wantErr, len(wantContent))
	}
	if !bytes.Equal(content, wantContent) {
		i := 0
		for i < min(len(content), len(wantContent)) && content[i] == wantContent[i] {
			i++
		}
		t.Errorf("%d bytes, want %d; the same up to %d (%v)", len(content), len(wantContent), i, err)
	}
	if _, again := z.Read(make([]byte, 8)); class(err) != "more" && class(again) != class(err) {
		t.Errorf("another Read gives %v, want %v", again, err)
	}
}

// contents are of all shapes that make encoders choose differently.
func contents() map[string][]byte {
	rng := rand.New(rand.NewPCG(1, 2))
	random := make([]byte, 150_000)
	for i := range random {
		random[i] = byte(rng.Uint32())
	}
	periods := []byte{}
	for len(periods) < 300_000 {
		start := max(0, len(periods)-1-rng.IntN(70))
		if rng.IntN(8) == 0 {
			start = max(0, len(periods)-1-rng.IntN(33_000))
		}
		for range 1 + rng.IntN(400) {
			if len(periods) == 0 {
				periods = append(periods, 'x')
			}
			periods = append(periods, periods[start])
			start++
		}
		periods = append(periods, random[rng.IntN(len(random)):][:rng.IntN(5)]...)
	}
	letters := make([]byte, 200_000)
	for i := range letters {
		letters[i] = "0123456789abcdefEEEEEEEEEEE--------"[rng.IntN(35)]
	}
	return map[string][]byte{
		"nothing": nil, "one byte": {7}, "zeros": make([]byte, 400_000), "random": random, "periods": periods,
		"letters": letters, "text": []byte(strings.Repeat(`{"eventVersion":"1.08","eventTime":"`, 3000)),
		"mixed": bytes.Join([][]byte{letters[:70_000], random[:70_000], periods[:70_000]}, nil),
	}
}

// encoded is content by every encoder and level.
func encoded(t *testing.T, content []byte) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for level := stdgzip.HuffmanOnly; level <= stdgzip.BestCompression; level++ {
		files[fmt.Sprint("compress/gzip ", level)] = compress(t, content, level)
		var file bytes.Buffer
		z, err := gzip.NewWriterLevel(&file, level)
		if err != nil {
			t.Fatal(err)
		}
		z.Write(content)
		z.Close()
		files[fmt.Sprint("klauspost ", level)] = file.Bytes()
	}
	return files
}

func TestReaderGivesWhatWasCompressed(t *testing.T) {
	z := new(inflate.Reader)
	rng := rand.New(rand.NewPCG(3, 4))
	sizes := map[string]func() int{
		"large": sized(128 << 10), "small": sized(1000), "odd": sized(4097),
		"any": func() int { return 1 + rng.IntN(1<<rng.IntN(18)) },
	}
	for shape, content := range contents() {
		for encoder, file := range encoded(t, content) {
			for name, size := range sizes {
				if err := z.Reset(bytes.NewReader(file)); err != nil {
					t.Fatal(err)
				}
				got, err := readAll(z, size)
				if !errors.Is(err, io.EOF) || !bytes.Equal(got, content) {
					t.Errorf("%s by %s, %s reads: %d bytes, want %d; %v", shape, encoder, name, len(got), len(content), err)
				}
			}
		}
	}
}

func TestReaderGivesWhatGzipGivesWhereverCut(t *testing.T) {
	z := new(inflate.Reader)
	for _, file := range smallFiles(t) {
		for end := 0; end < len(file); end += stride() {
			check(t, z, bytes.NewReader(file[:end]), file[:end], sized(8<<10))
			check(t, z, iotest.OneByteReader(bytes.NewReader(file[:end])), file[:end], sized(100))
		}
	}
}

func TestReaderGivesWhatGzipGivesWhateverBitIsFlipped(t *testing.T) {
	z := new(inflate.Reader)
	for _, file := range smallFiles(t) {
		for i := 0; i < 8*len(file); i += stride() {
			file[i/8] ^= 1 << (i % 8)
			check(t, z, bytes.NewReader(file), file, sized(16<<10))
			file[i/8] ^= 1 << (i % 8)
		}
	}
}

// stride is the step from case to case: all of them, or every 13th where time is short (the race detector).
func stride() int {
	if testing.Short() {
		return 13
	}
	return 1
}

// smallFiles are a log file of 5 events, and blocks stored, fixed and without matches.
func smallFiles(t *testing.T) [][]byte {
	t.Helper()
	logs, _ := logFiles(t, 5)
	text := []byte(`{"Records":[{"eventVersion":"1.08","eventName":"GetObject","eventTime":"2026-01-01"}]}`)
	return [][]byte{
		logs[0], compress(t, text, stdgzip.NoCompression), compress(t, text, stdgzip.BestCompression),
		compress(t, bytes.Repeat(text[:60], 20), stdgzip.HuffmanOnly), append(compress(t, text, 1), compress(t, text, 6)...),
	}
}

func TestReaderReadsMembers(t *testing.T) {
	one, two := compress(t, []byte("one"), 6), compress(t, bytes.Repeat([]byte("two"), 50_000), 6)
	z := new(inflate.Reader)
	for name, file := range map[string][]byte{
		"two": join(one, two, one), "empty": join(compress(t, nil, 6), one), "junk": join(two, []byte("junk")),
		"zeros": join(one, make([]byte, 20)), "half a header": join(one, two[:5]),
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1, 3, 5000, 200_000} {
				check(t, z, bytes.NewReader(file), file, sized(size))
			}
		})
	}
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestReaderStopsBehindAMember(t *testing.T) {
	member := compress(t, bytes.Repeat([]byte("content "), 9000), 6)
	for _, size := range []int{16, 100, 64 << 10} {
		r := bufio.NewReaderSize(bytes.NewReader(join(member, member, []byte("rest"))), size)
		z := new(inflate.Reader)
		for range 2 {
			if err := z.Reset(r); err != nil {
				t.Fatal(err)
			}
			z.Multistream(false)
			if got, err := readAll(z, sized(30_000)); len(got) != 72_000 || !errors.Is(err, io.EOF) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		}
		if rest, err := io.ReadAll(r); string(rest) != "rest" || err != nil {
			t.Errorf("%q, %v left, want %q", rest, err, "rest")
		}
	}
}

func TestReaderReadsHeaders(t *testing.T) {
	z := new(inflate.Reader)
	for _, header := range []stdgzip.Header{
		{},
		{Name: "name"},
		{Comment: "comment", Name: "ä"},
		{Extra: []byte("extra")},
		{Extra: make([]byte, 60_000), Name: strings.Repeat("n", 511), Comment: "c"},
		{Name: strings.Repeat("n", 512)},
	} {
		var b bytes.Buffer
		w := stdgzip.NewWriter(&b)
		w.Header = header
		w.Write([]byte("content"))
		w.Close()
		file := b.Bytes()
		check(t, z, bytes.NewReader(file), file, sized(100))
		for flags := range 256 {
			file[3] = byte(flags) // also those that say a header CRC follows: it is wrong, or right by chance
			check(t, z, bytes.NewReader(file), file, sized(100))
		}
		for end := range min(len(file), 700) {
			check(t, z, bytes.NewReader(file[:end]), file[:end], sized(100))
		}
	}
}

func TestReaderChecksTheHeaderCRC(t *testing.T) {
	// 0xc990 is the lower half of the CRC-32 of the ten bytes before it, by Python's binascii.crc32.
	file := join([]byte{0x1f, 0x8b, 8, 2, 0, 0, 0, 0, 0, 255}, []byte{0x90, 0xc9}, compress(t, []byte("content"), 6)[10:])
	z := new(inflate.Reader)
	check(t, z, bytes.NewReader(file), file, sized(100))
	if content, err := want(file); string(content) != "content" {
		t.Fatal(err)
	}
}

func TestReaderPassesOnWhatItsSourceFailsWith(t *testing.T) {
	file := compress(t, bytes.Repeat([]byte("content "), 20), 6)
	failure := errors.New("connection reset")
	for end := range file {
		r := io.MultiReader(bytes.NewReader(file[:end]), iotest.ErrReader(failure))
		z, err := inflate.NewReader(r)
		if err == nil {
			_, err = readAll(z, sized(100))
		}
		if !errors.Is(err, failure) {
			t.Errorf("after %d bytes: %v, want %v", end, err, failure)
		}
	}
}

func TestReaderDoesNotAllocateOnceWarm(t *testing.T) {
	files, _ := logFiles(t, 400)
	z, r, buf := new(inflate.Reader), new(bytes.Reader), make([]byte, 128<<10)
	got := testing.AllocsPerRun(10, func() {
		r.Reset(files[0])
		if err := z.Reset(r); err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := z.Read(buf); err != nil {
				break
			}
		}
	})
	if got != 0 {
		t.Errorf("%v allocations a file, want none", got)
	}
}
