package tui

import "strings"

// followUps are the keys that go on from what was done. After the first time the hint line names them.
var followUps = map[action][]action{
	actFindInList:  {actFindNext, actFindPrev, actFindThis, actEsc},
	actFindThis:    {actFindNext, actFindPrev, actEsc},
	actMark:        {actSave, actRange, actClearMarks},
	actBookmark:    {actBookmarks},
	actKeep:        {actUndo},
	actDrop:        {actUndo},
	actSortBy:      {actReverse, actUndo},
	actReverse:     {actUndo},
	actNextError:   {actPrevError, actErrors},
	actAround:      {actEsc},
	actHistoryBack: {actHistoryForward},
	actUndo:        {actRedo},
	actWrites:      {actErrors, actUndo},
	actErrors:      {actNextError, actUndo},
	actGoToTime:    {actAround},
	actSave:        {actPrint},
}

// teach names the keys that go on from an action, the first time it was done.
func (a *app) teach(act action) {
	next := followUps[act]
	if len(next) == 0 || a.taught[act] {
		return
	}
	a.taught[act] = true
	in := a.paneMode()
	var words []string
	for _, n := range next {
		for _, b := range a.keys {
			if b.act == n && b.in&in != 0 && len(b.Keys()) > 0 {
				words = append(words, b.Help().Key+" "+short(b))
				break
			}
		}
	}
	if len(words) > 0 {
		a.offered = "next: " + strings.Join(words, "   ")
	}
}

// short is the word of the hint line for a binding, else what its help begins with.
func short(b binding) string {
	if b.hint != "" {
		return b.hint
	}
	s, _, _ := strings.Cut(b.Help().Desc, ";")
	s, _, _ = strings.Cut(s, ":")
	return s
}
