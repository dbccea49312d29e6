package main

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// What clients are generated from is what the running program serves.
func TestOpenAPICommandPrintsWhatIsServed(t *testing.T) {
	var out bytes.Buffer
	if err := run(context.Background(), []string{"openapi"}, func(string) string { return "" }, strings.NewReader(""), &out, &out); err != nil {
		t.Fatal(err)
	}
	var printed map[string]any
	if err := json.Unmarshal(out.Bytes(), &printed); err != nil {
		t.Fatal(err)
	}
	served := boot(t, "", nil).reference().doc
	for _, part := range []string{"openapi", "info", "tags", "components"} {
		if !reflect.DeepEqual(printed[part], served[part]) {
			t.Errorf("%s is not what the program serves", part)
		}
	}
	paths, _ := printed["paths"].(map[string]any)
	want, _ := served["paths"].(map[string]any)
	if len(want) < 100 || !reflect.DeepEqual(paths, want) {
		t.Errorf("%d paths are printed, %d served", len(paths), len(want))
	}
}
