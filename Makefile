# make test is the whole check, the same here and in CI. It needs Go alone; with mariadb-server and redis-server installed it tests them too.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test vet lint unit unit-mysql test-mysql web stories fuzz bench bench-smoke deploy-check deploy-files build docker left-out vuln

LINT := go tool -modfile=tools/go.mod golangci-lint
FUZZTIME ?= 5s
TESTFLAGS ?=
BENCHFLAGS ?=
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: ## start with the demonstration society, on http://127.0.0.1:8080
	go run . serve --demo

test: vet lint web unit unit-mysql stories bench-smoke deploy-files left-out ## everything: vet, lint, the clients, all tests with the race detector, those that keep data again on MariaDB, stories in the browser, the benchmarks in small, the files of deploy/

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

CLIENTS := web/console web/miniapp

# The built clients are committed, since the program holds them and a machine with Go alone must be able to build it. Here they are built again: what
# differs was built from something else than what is committed.
web: ## the clients: types against the API, unit tests, and that what is built and committed is of these sources (Node.js, npm)
	@set -euo pipefail; mkdir -p bin; go run . openapi > bin/openapi.json; for client in $(CLIENTS); do echo "== $$client"; ( cd $$client; \
		kept=$$(mktemp -d); cp -r dist src/api/schema.d.ts $$kept; \
		npm ci --no-audit --no-fund --loglevel=error; npm run types; npm run check; npm test; npm run build; npm run check:weapp --if-present; npm run first-view --if-present; \
		{ diff -rq $$kept/dist dist && diff -q $$kept/schema.d.ts src/api/schema.d.ts; } || { echo "$$client was built from other sources; build again and commit (npm run types && npm run build)"; exit 1; }; \
		rm -rf $$kept ); \
	done

stories: ## the users' stories in Chromium against the program, at desk and phone size (after make web; Debian: chromium fonts-noto-cjk)
	@set -euo pipefail; if command -v chromium >/dev/null; then for client in $(CLIENTS); do ( cd $$client; npm run stories --if-present ); done; \
	elif [ -n "$${ZHIBU_REQUIRE_SERVERS:-}" ]; then echo "chromium is not installed"; exit 1; fi

# A module of its own, so that what makes load never comes into the program.
bench: ## measure against the yardsticks: one table, docs/bench/*.json and *.svg; about ten minutes, BENCH_LONG=1 with a million recipients
	cd bench && go run . -out ../docs/bench $(BENCHFLAGS)

bench-smoke: ## see that every benchmark runs, with small sizes
	cd bench && go vet ./... && go test ./... && go run . -smoke

# Both halves are part of make test: TestDeploy… among the tests of the program, with the tools that are installed, and deploy-files. Here, as in CI,
# a tool that is missing is a failure.
deploy-check: ## deploy/ and docs/operations.md against the program, nginx, systemd, Prometheus, Compose, Kubernetes (Debian: nginx-light prometheus systemd)
	ZHIBU_REQUIRE_TOOLS=1 go test -count=1 -run '^TestDeploy' .
	$(MAKE) --no-print-directory deploy-files

# A module of its own: the libraries of kubectl and docker compose are larger than the program. They take half a minute at their first build and none
# later.
deploy-files: ## deploy/compose.yaml and deploy/kubernetes by the libraries of docker compose and kubectl
	cd deploy/check && go test ./...

# go test hides what passing packages print, so what was left out is said once more at the very end.
left-out:
	@PATH="$$PATH:/usr/sbin:/usr/local/sbin"; for server in mariadbd redis-server chromium nginx promtool prometheus systemd-analyze; do \
		command -v $$server >/dev/null || { echo; echo "******** LEFT OUT: $$server is not installed; the tests that need it did NOT run."; left=1; }; \
	done; [ -z "$${left:-}" ] || { echo "******** Debian and Ubuntu: apt-get install mariadb-server redis-server chromium fonts-noto-cjk nginx-light prometheus systemd"; echo; }

vuln: ## govulncheck, built from tools/go.mod; it asks the database of vulnerabilities of the Go project, so it is no part of make test
	go tool -modfile=tools/go.mod govulncheck ./...

build: ## the static binary ./zhibu
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o zhibu .

docker: ## the image zhibu:VERSION
	docker build --build-arg VERSION=$(VERSION) -t zhibu:$(VERSION) .
