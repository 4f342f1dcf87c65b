import Foundation
import Testing

/// Waits until a condition holds, for a minute at most. A failure names the condition by its source line.
func until(
  sourceLocation: SourceLocation = #_sourceLocation, file: String = #filePath,
  _ condition: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + .seconds(60)
  while try await !condition() {
    try #require(
      ContinuousClock.now < end, "waited a minute in vain for: \(sourceLine(file, sourceLocation.line))",
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
