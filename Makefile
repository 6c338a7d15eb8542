# Two commands: `make demo` builds and runs the demo company, `make test` passes every test.
# Both install what is missing: libclang (Vortex is built with it), web packages, Chromium for the UI tests.

CARGO ?= cargo
export CARGO_TERM_COLOR ?= auto

.PHONY: demo test lint bench web web-packages setup setup-test rust-tests web-tests e2e clean-demo

demo: setup web
	$(CARGO) build --workspace --bins
	target/debug/gilmok --data demo-data demo

test: setup-test web rust-tests web-tests e2e  # The binary embeds web/dist, so the UI comes first.

# --- what is needed -------------------------------------------------------------------------------------------

setup:
	tools/setup build

setup-test:
	tools/setup test

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-audit --no-fund

web-packages: web/node_modules/.package-lock.json

web: web-packages
	cd web && npm run build

# --- tests ----------------------------------------------------------------------------------------------------

rust-tests:
	$(CARGO) fmt --all --check
	$(CARGO) test --workspace --locked --lib --bins --tests

web-tests: web-packages
	cd web && npm run check && npm test

e2e: web
	cd web && npm run e2e

# --- more -----------------------------------------------------------------------------------------------------

lint: setup
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	if command -v cargo-deny >/dev/null; then cargo deny check; fi

bench: setup
	$(CARGO) bench --workspace

clean-demo:
	rm -rf demo-data
