package api_test

import (
	"testing"

	"zhibu/model/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }
