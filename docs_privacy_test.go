package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// numberColumn are columns of rows' numbers, which docs/privacy.md treats together.
var numberColumn = regexp.MustCompile(`(^|_)(id|by)$`)

// TestPrivacyDocument holds docs/privacy.md against the schema: a column that may hold text must be decided about.
func TestPrivacyDocument(t *testing.T) {
	data, err := os.ReadFile("docs/privacy.md")
	if err != nil {
		t.Fatal(err)
	}
	columns, err := storetest.Open(t).TextColumns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range undecided(string(data), columns) {
		t.Error(fault)
	}
	planted := append(columns, store.TextColumn{Table: "members", Name: "home_address", Text: true})
	if faults := undecided(string(data), planted); len(faults) != len(undecided(string(data), columns))+1 {
		t.Errorf("a planted column: %q", faults)
	}
}

// undecided names the columns of which the document says nothing, and those of the document that are gone.
func undecided(document string, columns []store.TextColumn) (faults []string) {
	there := map[string]bool{}
	for _, c := range columns {
		name := c.Table + "." + c.Name
		there[name] = true
		if !numberColumn.MatchString(c.Name) && !strings.Contains(document, "`"+name+"`") {
			faults = append(faults, name+": docs/privacy.md does not say whether it is about a person; see the top of that page")
		}
	}
	for _, m := range regexp.MustCompile("`([a-z_]+\\.[a-z_0-9]+)`").FindAllStringSubmatch(document, -1) {
		table, _, _ := strings.Cut(m[1], ".")
		if !there[m[1]] && table != "retention" && table != "privacy" && table != "audit" {
			faults = append(faults, m[1]+": docs/privacy.md speaks of it, and it is not there")
		}
	}
	return faults
}
