.PHONY: run test test-stack chaos fuzz bench lint format

# Starts the server on its embedded default and opens the client on it.
run:
	@scripts/run

# Runs every test, with a PostgreSQL, a Redis and an nginx of its own.
test:
	@scripts/test

# Sends the server what its contract allows and what it does not, for a long time.
fuzz:
	@scripts/fuzz

# Builds the images, and uses the stack of docker-compose.yml as people do.
test-stack:
	@scripts/test-stack

# Kills, stops and starves the parts of an installation while people write to it, and looks at the books.
chaos:
	@scripts/chaos

# Measures the server against its references.
bench:
	@scripts/bench

# Checks the style.
lint:
	@swift format lint --strict --recursive --parallel Sources Tests Benchmarks Package.swift

# Puts the style right.
format:
	@swift format --in-place --recursive --parallel Sources Tests Benchmarks Package.swift
