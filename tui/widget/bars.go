package widget

import "strings"

// Glyphs of a bar's top cell by eighths of a cell, from empty to full.
var (
	blockGlyphs = []string{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
	asciiGlyphs = []string{" ", ".", ".", ":", ":", "|", "|", "#", "#"}
)

// Bars draws one bar a cell, rows high, the highest value filling it. A value above zero is never drawn empty. Where
// there are more cells than values each value takes several; never fewer cells than values are given.
func Bars(values []int, cells, rows int, ascii bool) []string {
	lines := make([]string, max(rows, 0))
	glyphs := blockGlyphs
	if ascii {
		glyphs = asciiGlyphs
	}
	peak := 0
	for _, v := range values {
		peak = max(peak, v)
	}
	for y := range lines {
		var b strings.Builder
		for x := range cells {
			b.WriteString(glyphs[level(at(values, x, cells), peak, rows, rows-1-y)])
		}
		lines[y] = b.String()
	}
	return lines
}

// Cell is the first cell of value i where n values are spread over cells.
func Cell(i, n, cells int) int {
	if n <= 0 {
		return 0
	}
	return (i*cells + n - 1) / n
}

// Index is the value drawn in cell x where n values are spread over cells.
func Index(x, n, cells int) int {
	if cells <= 0 {
		return 0
	}
	return min(x*n/cells, max(n-1, 0))
}

func at(values []int, x, cells int) int {
	if len(values) == 0 {
		return 0
	}
	return values[Index(x, len(values), cells)]
}

// level is how many eighths of the cell in row (0 = lowest) a value fills.
func level(v, peak, rows, row int) int {
	return min(max(Eighths(v, peak, rows)-row*8, 0), 8)
}

// Eighths is how many eighths of a cell the bar of a value has, where that of peak fills all rows; 1 at least for a value
// above zero.
func Eighths(v, peak, rows int) int {
	if v <= 0 || peak <= 0 {
		return 0
	}
	return max(int(int64(v)*int64(rows)*8/int64(peak)), 1)
}
