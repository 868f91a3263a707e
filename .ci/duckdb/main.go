// Command duckdb is DuckDB beside trailsift in .ci/bench. It is a module of its own, so that the product neither depends on
// DuckDB nor needs cgo. DuckDB gets 2 threads, a file, and all the memory it wants.
//
//	duckdb json DB DIR     brings the log files below DIR in as a person would: read_json, 30 values of each record
//	duckdb table DB CSV    makes the table t of exactly the fields that trailsift indexes, in the order of the file
//	duckdb ask DB MIX      answers each question of MIX (JSON) in two ways, each five times after once unmeasured, and prints JSON
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "duckdb:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errors.New("json DB DIR | table DB CSV | ask DB MIX")
	}
	db, err := sql.Open("duckdb", args[1]+"?threads=2")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	switch args[0] {
	case "json":
		_, err = db.ExecContext(ctx, fromJSON(args[2]))
	case "table":
		err = table(ctx, db, args[2])
	case "ask":
		err = ask(ctx, db, args[2])
	default:
		err = fmt.Errorf("%s: not json, table or ask", args[0])
	}
	if err == nil && args[0] != "ask" {
		_, err = db.ExecContext(ctx, "CHECKPOINT")
	}
	return err
}

// fromJSON is the way in that the documentation of DuckDB shows, with the types of the values given, which is faster than
// guessing them or keeping whole records.
func fromJSON(dir string) string {
	const record = `STRUCT(
		eventTime TIMESTAMP, eventName VARCHAR, eventSource VARCHAR, awsRegion VARCHAR, sourceIPAddress VARCHAR, userAgent VARCHAR,
		errorCode VARCHAR, requestID VARCHAR, eventID VARCHAR, readOnly BOOLEAN, eventType VARCHAR, eventCategory VARCHAR,
		recipientAccountId VARCHAR, sharedEventID VARCHAR, vpcEndpointId VARCHAR, resources STRUCT(ARN VARCHAR)[],
		tlsDetails STRUCT(tlsVersion VARCHAR, clientProvidedHostHeader VARCHAR),
		userIdentity STRUCT("type" VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR, userName VARCHAR, invokedBy VARCHAR,
			sessionContext STRUCT(sessionIssuer STRUCT(userName VARCHAR), attributes STRUCT(mfaAuthenticated VARCHAR), sourceIdentity VARCHAR)),
		responseElements STRUCT(credentials STRUCT(accessKeyId VARCHAR)))`
	return `CREATE TABLE t AS SELECT r.eventTime, r.eventName, replace(r.eventSource, '.amazonaws.com', '') AS service, r.awsRegion, r.sourceIPAddress,
		r.userAgent, r.errorCode, r.requestID, r.eventID, r.readOnly, r.eventType, r.eventCategory, r.recipientAccountId, r.sharedEventID,
		r.vpcEndpointId, [x.ARN FOR x IN r.resources] AS resources, r.tlsDetails.tlsVersion, r.tlsDetails.clientProvidedHostHeader,
		r.userIdentity.type, r.userIdentity.arn, r.userIdentity.accountId, r.userIdentity.accessKeyId, r.userIdentity.userName,
		r.userIdentity.invokedBy, r.userIdentity.sessionContext.sessionIssuer.userName AS role, split_part(r.userIdentity.arn, '/', -1) AS session,
		r.userIdentity.sessionContext.attributes.mfaAuthenticated, r.userIdentity.sessionContext.sourceIdentity,
		r.responseElements.credentials.accessKeyId AS issued, filename
		FROM (SELECT unnest(Records) AS r, filename FROM read_json('` + dir + `/AWSLogs/**/*.json.gz', filename = true, format = 'unstructured',
			maximum_object_size = 268435456, columns = {'Records': '` + record + `[]'}))`
}

// types are those of columns that are not text.
var types = map[string]string{
	"time": "TIMESTAMP", "id": "UUID", "request": "VARCHAR", "readonly": "BOOLEAN", "mfa": "BOOLEAN", "conflict": "BOOLEAN",
	"salvaged": "BOOLEAN", "reconstructed": "BOOLEAN", "addendum": "BOOLEAN", "omitted": "BOOLEAN",
}

func table(ctx context.Context, db *sql.DB, csv string) error {
	head, err := firstLine(csv)
	if err != nil {
		return err
	}
	var columns []string
	for name := range strings.SplitSeq(head, ",") {
		kind := types[name]
		if kind == "" {
			kind = "VARCHAR"
		}
		columns = append(columns, fmt.Sprintf("'%s': '%s'", name, kind))
	}
	_, err = db.ExecContext(ctx, `CREATE TABLE t AS SELECT * FROM read_csv('`+csv+`', header = true, delim = ',', quote = '"', escape = '"',
		auto_detect = false, columns = {`+strings.Join(columns, ", ")+`})`)
	return err
}

func firstLine(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	buf := make([]byte, 64<<10)
	n, err := f.Read(buf)
	line, _, found := strings.Cut(string(buf[:n]), "\n")
	if !found {
		return "", errors.Join(err, errors.New("no line in "+path))
	}
	return line, nil
}
