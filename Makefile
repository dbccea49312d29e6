# make test is the whole check, the same here and in CI. It needs Go alone; with mariadb-server and redis-server installed it tests them too.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test vet lint unit unit-mysql test-mysql fuzz bench bench-smoke deploy-check build docker left-out vuln

LINT := go tool -modfile=tools/go.mod golangci-lint
FUZZTIME ?= 5s
TESTFLAGS ?=
BENCHFLAGS ?=
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: ## start with the demonstration society, on http://127.0.0.1:8080
	go run . serve --demo

test: vet lint unit unit-mysql bench-smoke left-out ## everything: vet, lint, all tests with the race detector, those that keep data again on MariaDB, the benchmarks in small

vet:
	go vet ./...

lint: ## golangci-lint, built from tools/go.mod at its first use (about a minute)
	$(LINT) run ./...

# SQLite and its C library are C made into Go: the race detector finds nothing in them and takes three times as long, so these two packages are
# left as they are. No other may be: a generic function of the standard library that is compiled there too would lose its marks everywhere.
# The stories and fault tests, which start whole programs, and the property tests in full length run without it.
unit:
	go test -race -gcflags='modernc.org/sqlite/lib=-race=false' -gcflags='modernc.org/libc=-race=false' -short -timeout 15m $(TESTFLAGS) $$(go list ./... | tail -n +2)
	go test -timeout 15m $(TESTFLAGS) . ./service/push ./service/content

# What keeps data again on MariaDB, where it is installed; left-out says so where it is not. The stories ran on both above.
unit-mysql:
	@PATH="$$PATH:/usr/sbin:/usr/local/sbin"; if command -v mariadbd >/dev/null; then \
		echo "ZHIBU_TEST_DATABASE=mysql go test -short ./model/store/... ./service/... ./api/..."; \
		ZHIBU_TEST_DATABASE=mysql go test -short -timeout 15m $(TESTFLAGS) ./model/store/... ./service/... ./api/...; \
	fi

test-mysql: ## the tests of everything that keeps data, on a private MariaDB instead of SQLite
	ZHIBU_TEST_DATABASE=mysql ZHIBU_REQUIRE_SERVERS=1 go test -timeout 15m $(TESTFLAGS) ./...

# What the fuzzers are known to find is in the tests. Looking for more is luck, which no landing may hang on, so it is not part of make test.
fuzz: ## each fuzzer for FUZZTIME (5s)
	@set -euo pipefail; \
	{ grep -rlE '^func Fuzz' --include='*_test.go' . || true; } | xargs -r -n1 dirname | sort -u | while read -r dir; do \
		grep -hoE '^func Fuzz[A-Za-z0-9_]*' "$$dir"/*_test.go | sed 's/^func //' | sort -u | while read -r name; do \
			echo "fuzz $$dir $$name"; \
			go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$dir" </dev/null; \
		done; \
	done

# A module of its own, so that what makes load never comes into the program.
bench: ## measure against the yardsticks: one table, docs/bench/*.json and *.svg; about ten minutes, BENCH_LONG=1 with a million recipients
	cd bench && go run . -out ../docs/bench $(BENCHFLAGS)

bench-smoke: ## see that every benchmark runs, with small sizes
	cd bench && go vet ./... && go test ./... && go run . -smoke

# The same tests run in make test with what is installed; here a tool that is missing is a failure. deploy/check holds the files against the libraries
# of kubectl and docker compose, which are a module of their own: they are larger than the program.
deploy-check: ## deploy/ and docs/operations.md against the program, nginx, systemd, Prometheus, Compose, Kubernetes (Debian: nginx-light prometheus systemd)
	ZHIBU_REQUIRE_TOOLS=1 go test -count=1 -run '^TestDeploy' .
	cd deploy/check && go vet ./... && go test -count=1 ./...

# go test hides what passing packages print, so what was left out is said once more at the very end.
left-out:
	@PATH="$$PATH:/usr/sbin:/usr/local/sbin"; for server in mariadbd redis-server; do \
		command -v $$server >/dev/null || { echo; echo "******** LEFT OUT: $$server is not installed; the tests that need it did NOT run."; left=1; }; \
	done; [ -z "$${left:-}" ] || { echo "******** Debian and Ubuntu: apt-get install mariadb-server redis-server"; echo; }

vuln: ## govulncheck, built from tools/go.mod; it asks the database of vulnerabilities of the Go project, so it is no part of make test
	go tool -modfile=tools/go.mod govulncheck ./...

build: ## the static binary ./zhibu
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o zhibu .

docker: ## the image zhibu:VERSION
	docker build --build-arg VERSION=$(VERSION) -t zhibu:$(VERSION) .
