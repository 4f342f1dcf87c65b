import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Files of other programs for tests: small ones made here, and those of `Tests/Imports`.
enum ImportSamples {
  /// Returns a file of Splitwise with an expense of 10.00 between Uma and Vic.
  static func file(number: Int = 1, on day: Day? = nil, text: String = "Tickets") -> String {
    """
    Date,Description,Category,Cost,Currency,Uma,Vic

    \(day.map { "\($0)" } ?? "2026-02-0\(number)"),\(text) \(number),Leisure,10.00,EUR,5.00,-5.00

    """
  }

  /// A file of `Tests/Imports`.
  struct File: CustomTestStringConvertible, Sendable {
    let format: ImportFormat
    let path: URL

    var bytes: Data { get throws { try Data(contentsOf: path) } }
    /// The text of the file beside it with this ending.
    func text(_ ending: String) throws -> String {
      try String(contentsOf: path.deletingPathExtension().appendingPathExtension(ending), encoding: .utf8)
    }
    /// The columns of a table that a request has to name; `nil` for none.
    var columns: [String: String]? {
      get throws {
        let file = path.deletingPathExtension().appendingPathExtension("columns")
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        return try JSON.decode([String: String].self, from: try Data(contentsOf: file))
      }
    }
    /// The query of a request with the file.
    var query: String {
      get throws {
        guard let columns = try columns else { return "" }
        let text = try JSON.text(of: columns).addingPercentEncoding(withAllowedCharacters: .alphanumerics)
        return "?columns=\(text ?? "")"
      }
    }
    var testDescription: String { path.pathComponents.suffix(3).joined(separator: "/") }
  }

  static let whole = files(in: "")
  static let broken = files(in: "/broken")

  private static func files(in folder: String) -> [File] {
    let top = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Imports")
    return ImportFormat.allCases.flatMap { format in
      let names =
        (try? FileManager.default.contentsOfDirectory(atPath: top.path + "/\(format.rawValue)\(folder)"))
        ?? []
      let endings = [".csv", ".json", ".journal", ".beancount"]
      return names.sorted().filter { name in endings.contains { name.hasSuffix($0) } }.map {
        File(format: format, path: top.appending(path: "\(format.rawValue)\(folder)/\($0)"))
      }
    }
  }
}

extension GroupFixture {
  /// Imports a file of another program, which must be accepted.
  func importFile(_ text: String, query: String = "") async throws -> ImportReport {
    let answer = try await sendFile(Data(text.utf8), query: query)
    try #require(answer.status == 200, "\(answer.text)")
    return try answer.decode(ImportReport.self)
  }

  func sendFile(_ bytes: Data, query: String = "", token: String? = nil) async throws -> Answer {
    try await server.send(
      "POST", "/v1/groups/\(group.id)/imports\(query)", token: token ?? self.token, body: .bytes(Array(bytes))
    )
  }
}
