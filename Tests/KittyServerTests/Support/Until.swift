import Foundation
import Testing

/// Waits until a condition holds, for a minute at most. A failure names the condition by its source line. A machine
/// that lets the test run seldom gets more time: the condition is asked 500 times at least.
func until(
  sourceLocation: SourceLocation = #_sourceLocation, file: String = #filePath,
  _ condition: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + .seconds(60)
  var asked = 0
  while try await !condition() {
    asked += 1
    try #require(
      ContinuousClock.now < end || asked < 500,
      "waited a minute in vain for: \(sourceLine(file, sourceLocation.line))",
      sourceLocation: sourceLocation)
    try await Task.sleep(for: .milliseconds(5))
  }
}

/// Returns a line of a source file; its number when the file cannot be read.
private func sourceLine(_ file: String, _ number: Int) -> String {
  guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return "line \(number)" }
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  return lines.indices.contains(number - 1)
    ? lines[number - 1].trimmingCharacters(in: .whitespaces) : "line \(number)"
}
