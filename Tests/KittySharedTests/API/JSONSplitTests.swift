import Foundation
import Testing

@testable import KittyShared

/// A document is split where its list is, whatever its texts look like.
struct JSONSplitTests {
  private func split(_ text: String) async throws -> (rest: String, objects: [String]) {
    let document = Data(text.utf8)
    let (rest, objects) = try await JSON.split(document, list: "entries")
    return (
      String(decoding: rest, as: UTF8.self), objects.map { String(decoding: document[$0], as: UTF8.self) }
    )
  }

  @Test(arguments: [
    (
      #"{"a":1,"entries":[{"x":[{}]} , {"y":"]}"}],"b":2}"#, #"{"a":1,"entries":[],"b":2}"#,
      [#"{"x":[{}]}"#, #"{"y":"]}"}"#]
    ),
    (#"{"entries" : [ ]}"#, #"{"entries" : []}"#, []),
    (
      #"{"a":"entries","b":[{"entries":[1]}],"c":"\"entries"}"#,
      #"{"a":"entries","b":[{"entries":[1]}],"c":"\"entries"}"#, []
    ),
    (#"{"a\"":"[{","entries":[{"z":"\\"}]}"#, #"{"a\"":"[{","entries":[]}"#, [#"{"z":"\\"}"#]),
    (#"[[{"entries":[1]}]]"#, #"[[{"entries":[1]}]]"#, []),
    ("", "", []), ("}]", "}]", []),
  ]) func listIsTakenOutOfTheDocument(text: String, rest: String, objects: [String]) async throws {
    let found = try await split(text)
    #expect(found.rest == rest && found.objects == objects)
  }

  @Test(arguments: [
    #"{"entries":[1]}"#, #"{"entries":[{},]}"#, #"{"entries":[,{}]}"#, #"{"entries":[{}{}]}"#,
    #"{"entries":["a"]}"#, #"{"entries":[[]]}"#, #"{"entries":[{},null]}"#,
  ]) func otherElementsAreMalformed(text: String) async {
    let problem = await #expect(throws: Rejection.self) { try await split(text) }
    #expect(problem?.reason == .malformed)
  }
}
