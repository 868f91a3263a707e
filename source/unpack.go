package source

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
)

// maxUnpacked bounds what base64 and gzip inside one value of a file may grow to, all together.
const maxUnpacked = 16 << 20

// unpack undoes base64, and gzip below it, as Kinesis, Firehose and Lambda hand subscriptions of a log group over. It is
// false where text is nothing of the kind.
func (u *unwrapper) unpack(text []byte) ([]byte, bool) {
	if !bytes.HasPrefix(text, []byte("H4sI")) && !bytes.HasPrefix(text, []byte("ey")) {
		return nil, false // neither gzip nor an object with a key
	}
	if len(text) > u.left {
		u.skipped("more than 16 MB are packed into it")
		return nil, false
	}
	plain, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil {
		if plain, err = base64.RawStdEncoding.AppendDecode(nil, text); err != nil {
			return nil, false
		}
	}
	u.left -= len(plain)
	for bytes.HasPrefix(plain, gzipMagic) {
		z, err := gzip.NewReader(bytes.NewReader(plain))
		if err != nil {
			return nil, false
		}
		out, err := io.ReadAll(io.LimitReader(z, int64(max(0, u.left))+1))
		switch {
		case len(out) > u.left:
			u.skipped("more than 16 MB are packed into it")
			return nil, false
		case err != nil:
			u.skipped("gzip packed into it is damaged")
			return nil, false
		}
		u.left -= len(out)
		plain = out
	}
	return plain, len(plain) > 0 && opensValue(plain[0])
}
