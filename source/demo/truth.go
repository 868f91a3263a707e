package demo

import "time"

// An Incident is the intrusion in full, as whoever finds it should be able to tell it.
type Incident struct {
	Began, Ended time.Time // first and last event of the intruder
	IPs          []string  // where the intruder came from; nobody else calls from there
	Steps        []Step    // in order of time

	User      string // whose access key leaked, an IAM user of the first account
	AccessKey string
	Sessions  []Session // the chain of roles, in order
	NewUser   string    // the user made as a way back in, an administrator
	NewKey    string    // its access key

	Trail              string // the trail that was stopped
	Stopped, Restarted time.Time

	Bucket  string // made public
	Objects int    // objects read from it

	AlteredKey   string // log file in which one record was changed afterwards
	AlteredID    string // eventID of that record
	AlteredField string // what was changed in it: "sourceIPAddress"
	AlteredFrom  string
	AlteredTo    string
	DeletedKey   string   // log file that was deleted afterwards
	DeletedIDs   []string // eventIDs of the intruder's records in it: they are nowhere in what is listed

	HostileID string // eventID of the record whose user agent attacks terminals
}

// A Step is one event of the intrusion that matters.
type Step struct {
	What    string // in words
	Event   string // eventName
	ID      string // eventID
	Account string
	Region  string
	Time    time.Time
	LogFile string // key of the log file that was delivered with it
}

// A Session is one link of the chain of assumed roles.
type Session struct {
	Account, Role, Name string
	AccessKey           string // handed out by the event Issued
	Issued              string // eventID of the AssumeRole in the account of whoever called it
	By                  string // access key it was called with
}

// Truth tells the intrusion. It is the same for every seed and size.
func Truth() Incident { return newStory().truth }

// night is the night of the intrusion, a Thursday.
func night(hour, minute, second int) time.Time {
	return time.Date(2026, time.March, 12, hour, minute, second, 0, time.UTC)
}

var (
	stopped   = night(2, 37, 15)
	restarted = night(3, 31, 40)
)
