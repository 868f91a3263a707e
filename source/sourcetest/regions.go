package sourcetest

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
)

// regionsPage is how many Regions come at once, fewer than AWS gives.
const regionsPage = 3

// SetRegions says which Regions the account has, with their status ("ENABLED", "ENABLED_BY_DEFAULT", "DISABLED"). Before
// that account:ListRegions is denied.
func (a *AWS) SetRegions(status map[string]string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.regions = maps.Clone(status)
}

func (a *AWS) listRegions(w http.ResponseWriter, req *http.Request) {
	f := a.note(Request{Op: "ListRegions"}, req)
	var in struct {
		NextToken               string
		RegionOptStatusContains []string
	}
	body, err := io.ReadAll(req.Body)
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	a.mu.Lock()
	status := a.regions
	a.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case f.Status != 0:
		jsonError(w, f.Status, f.Code, f.Message)
		return
	case err != nil:
		jsonError(w, http.StatusBadRequest, "ValidationException", "not a request")
		return
	case status == nil:
		jsonError(w, http.StatusForbidden, "AccessDeniedException", "not authorized to perform: account:ListRegions")
		return
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(status)), func(name string) bool {
		return name <= in.NextToken || !slices.Contains(in.RegionOptStatusContains, status[name])
	})
	out := map[string]any{}
	if len(names) > regionsPage {
		names = names[:regionsPage]
		out["NextToken"] = names[regionsPage-1]
	}
	page := []map[string]string{}
	for _, name := range names {
		page = append(page, map[string]string{"RegionName": name, "RegionOptStatus": status[name]})
	}
	out["Regions"] = page
	if err := json.NewEncoder(w).Encode(out); err != nil {
		panic(http.ErrAbortHandler)
	}
}
