.PHONY: run install deb test test-deb check lint format test-stack chaos fuzz attack bench bench-pace bench-client bench-files

# Starts the server on its embedded default and opens the client on it.
run:
	@scripts/run

# Installs the programs of `swift build -c release --static-swift-stdlib` below /usr/local.
install:
	@scripts/install

# Builds Debian packages of the client and of the server.
deb:
	@scripts/deb

# Builds them, installs them in a bare Debian container, uses them there, and removes them.
test-deb:
	@scripts/test-deb

# Runs every test, with its own PostgreSQL, Redis and nginx.
test:
	@scripts/test

# Runs lint, and the tests that need no other server.
check:
	@scripts/check

# Checks the style and the rules of the house.
lint:
	@swift format lint --strict --recursive --parallel Sources Tests Benchmarks Package.swift
	@scripts/tidy

# Formats the code.
format:
	@swift format --in-place --recursive --parallel Sources Tests Benchmarks Package.swift

# Builds the images and uses the stack of docker-compose.yml.
test-stack:
	@scripts/test-stack

# Kills, stops and starves parts of an installation under load, and checks the books.
chaos:
	@scripts/chaos

# Sends generated requests, inside and outside the contract, for a long time.
fuzz:
	@scripts/fuzz

# Attacks a server as one of its users, and measures what another user notices.
attack:
	@scripts/attack

# Measures the server against its references.
bench:
	@scripts/bench

# Measures requests at the pace of a person.
bench-pace:
	@scripts/bench-pace

# Measures imports and exports of a large group.
bench-files:
	@scripts/bench-files

# Measures the client on a terminal of its own, beside its goals.
bench-client:
	@scripts/bench-client
