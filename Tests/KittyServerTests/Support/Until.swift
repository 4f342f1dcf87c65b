import Testing

/// Waits until a condition holds, for twenty seconds at most.
func until(
  sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + .seconds(20)
  while try await !condition() {
    try #require(
      ContinuousClock.now < end, "the condition was not met within 20 seconds", sourceLocation: sourceLocation
    )
    try await Task.sleep(for: .milliseconds(5))
  }
}
