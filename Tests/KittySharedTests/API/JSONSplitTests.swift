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
    // It is not clear which of two lists is meant.
    #"{"entries":[{}],"entries":[{}]}"#, #"{"entries":[],"a":1,"entries":[]}"#,
  ]) func otherElementsAreMalformed(text: String) async {
    let problem = await #expect(throws: Rejection.self) { try await split(text) }
    #expect(problem?.reason == .malformed)
  }

  @Test(arguments: [
    (#" [ {"a":[1]}, {"b":"]"} ] "#, " [] ", [#"{"a":[1]}"#, #"{"b":"]"}"#]),
    (#"[{"a":1}"#, "[", [#"{"a":1}"#]), (#"[{}] x"#, "[] x", ["{}"]), (#"{"a":[{}]}"#, #"{"a":[{}]}"#, []),
  ]) func documentMayBeTheList(text: String, rest: String, objects: [String]) async throws {
    let document = Data(text.utf8)
    let found = try await JSON.split(document, list: nil)
    #expect(String(decoding: found.rest, as: UTF8.self) == rest)
    #expect(found.objects.map { String(decoding: document[$0], as: UTF8.self) } == objects)
  }

  @Test func severalListsAreTakenOut() async throws {
    let text = #"{"a":[{"x":1}],"c":[{"b":[{}]}],"b":[{"y":[{"a":[{}]}]},{"z":2}]}"#
    let document = Data(text.utf8)
    let found = try await JSON.split(document, lists: ["b", "a", "none"])
    #expect(String(decoding: found.rest, as: UTF8.self) == #"{"a":[],"c":[{"b":[{}]}],"b":[]}"#)
    let objects = found.objects.map { list in list.map { String(decoding: document[$0], as: UTF8.self) } }
    #expect(objects == [[#"{"y":[{"a":[{}]}]}"#, #"{"z":2}"#], [#"{"x":1}"#], []])
    let twice = Data(#"{"a":[{}],"b":[],"a":[{}]}"#.utf8)
    await #expect(throws: Rejection.self) { try await JSON.split(twice, lists: ["a", "b"]) }
  }
}
