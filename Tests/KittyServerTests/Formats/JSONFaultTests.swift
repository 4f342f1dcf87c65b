import Foundation
import Testing

@testable import KittyServer

/// Faults of JSON that its decoder does not tell.
@Suite struct JSONFaultTests {
  @Test(arguments: [
    (#"{"a": 1, "b": {"a": 2}}"#, nil), (#"{"a": 1, "a": 2}"#, JSONFault.repeated("a")),
    (#"[{"a": 1}, {"a": 1}]"#, nil), (#"{"x": {"a": 1, "\u0061": 2}}"#, .repeated("a")),
    (#"{"a": 1e400}"#, .tooLarge("a")), (#"{"a": "1e400"}"#, nil), (#"{"a": 1e-400}"#, nil),
  ]) func firstOneIsFound(json: String, fault: JSONFault?) {
    #expect(JSONFault.first(in: Data(json.utf8)) == fault)
  }

  /// The decoder refuses what is nested deeper.
  @Test func depthIsBounded() {
    let open = String(repeating: "[", count: 100_000)
    #expect(JSONFault.first(in: Data((open + #"{"a": 1, "a": 2}"#).utf8)) == nil)
    #expect(throws: (any Error).self) { try JSONDecoder().decode([String].self, from: Data(open.utf8)) }
  }
}
