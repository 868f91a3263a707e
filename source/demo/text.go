package demo

// Letters of the ids AWS hands out.
const (
	hexDigits    = "0123456789abcdef"
	keyLetters   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"                                 // access key and principal ids
	upperLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"                                 // request ids of S3
	base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" // x-amz-id-2, tokens
)

// appendDigits appends n digits of an alphabet whose length is 1<<bits, taken from r.
func appendDigits(dst []byte, r *rng, n int, alphabet string, bits uint) []byte {
	mask := uint64(1)<<bits - 1
	var v uint64
	left := uint(0)
	for range n {
		if left < bits {
			v, left = r.src.Uint64(), 64
		}
		dst = append(dst, alphabet[v&mask])
		v >>= bits
		left -= bits
	}
	return dst
}

// appendHashed appends n digits that belong to h.
func appendHashed(dst []byte, h uint64, n int, alphabet string, bits uint) []byte {
	r := newRNG(h)
	return appendDigits(dst, &r, n, alphabet, bits)
}

// appendUUID appends a version 4 UUID.
func appendUUID(dst []byte, hi, lo uint64) []byte {
	hi = hi&^0xf000 | 0x4000
	lo = lo&^(3<<62) | 2<<62
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[hi>>shift&15])
		if shift == 32 || shift == 16 {
			dst = append(dst, '-')
		}
	}
	dst = append(dst, '-')
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[lo>>shift&15])
		if shift == 48 {
			dst = append(dst, '-')
		}
	}
	return dst
}

func appendInt(dst []byte, v int64) []byte {
	if v < 0 {
		dst, v = append(dst, '-'), -v
	}
	var buf [20]byte
	i := len(buf)
	for {
		i--
		buf[i] = byte('0' + v%10)
		if v /= 10; v == 0 {
			return append(dst, buf[i:]...)
		}
	}
}

// appendPadded appends v with two digits.
func appendPadded(dst []byte, v int64) []byte { return append(dst, byte('0'+v/10), byte('0'+v%10)) }

// A civil is a moment taken apart, UTC.
type civil struct{ year, month, day, hour, minute, second int64 }

// toCivil takes Unix seconds from 1970 on apart (days to civil date by H. Hinnant's algorithm).
func toCivil(unix int64) civil {
	days, rest := unix/86400, unix%86400
	z := days + 719468
	era := z / 146097
	dayOfEra := z - era*146097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153
	c := civil{
		year: yearOfEra + era*400, month: m + 3, day: dayOfYear - (153*m+2)/5 + 1,
		hour: rest / 3600, minute: rest / 60 % 60, second: rest % 60,
	}
	if c.month > 12 {
		c.month -= 12
		c.year++
	}
	return c
}

// appendTime appends "2026-03-02T15:04:05Z".
func appendTime(dst []byte, unix int64) []byte {
	c := toCivil(unix)
	dst = appendPadded(appendPadded(dst, c.year/100), c.year%100)
	dst = appendPadded(append(dst, '-'), c.month)
	dst = appendPadded(append(dst, '-'), c.day)
	dst = appendPadded(append(dst, 'T'), c.hour)
	dst = appendPadded(append(dst, ':'), c.minute)
	dst = appendPadded(append(dst, ':'), c.second)
	return append(dst, 'Z')
}

// appendCompactTime appends "20260302T1504Z", with seconds "20260302T150405Z".
func appendCompactTime(dst []byte, unix int64, seconds bool) []byte {
	c := toCivil(unix)
	dst = appendPadded(appendPadded(dst, c.year/100), c.year%100)
	dst = append(appendPadded(appendPadded(dst, c.month), c.day), 'T')
	dst = appendPadded(appendPadded(dst, c.hour), c.minute)
	if seconds {
		dst = appendPadded(dst, c.second)
	}
	return append(dst, 'Z')
}

var months = [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// appendAmericanTime appends "Mar 2, 2026, 3:04:05 PM", as STS and IAM write times into responses.
func appendAmericanTime(dst []byte, unix int64) []byte {
	c := toCivil(unix)
	dst = append(append(dst, months[c.month-1]...), ' ')
	dst = append(appendInt(dst, c.day), ", "...)
	dst = append(appendInt(dst, c.year), ", "...)
	hour, half := c.hour%12, " AM"
	if hour == 0 {
		hour = 12
	}
	if c.hour >= 12 {
		half = " PM"
	}
	dst = append(appendInt(dst, hour), ':')
	dst = append(appendPadded(dst, c.minute), ':')
	return append(appendPadded(dst, c.second), half...)
}
