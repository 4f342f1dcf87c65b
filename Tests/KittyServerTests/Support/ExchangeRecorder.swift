import Foundation
import KittyShared
import Synchronization

/// Writes every request of the tests and its response to a file, one line of JSON each. `make test` compares them
/// with the contract afterwards.
enum ExchangeRecorder {
  private static let file: Mutex<FileHandle?> = {
    guard let path = ProcessInfo.processInfo.environment["KITTY_TEST_EXCHANGES"] else { return Mutex(nil) }
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    return Mutex(FileHandle(forWritingAtPath: path))
  }()

  /// Maximum size of a recorded body, so that the file of a test run stays small.
  private static let maxBody = 1 << 20

  private struct Exchange: Encodable {
    let method: String
    /// The path with its query.
    let path: String
    let requestHeaders: [String: String]
    /// `nil` when the body is empty, binary, or too large.
    let requestBody: String?
    let status: Int
    let headers: [String: String]
    let length: Int
    let body: String?
  }

  static func record(
    _ method: String, _ path: String, headers: [(String, String)], body: [UInt8], answer: Answer
  ) {
    file.withLock { file in
      guard let file else { return }
      let exchange = Exchange(
        method: method, path: path,
        requestHeaders: Dictionary(
          headers.filter { $0.0 != "Authorization" }.map { ($0.0.lowercased(), $0.1) },
          uniquingKeysWith: { $1 }),
        requestBody: text(body), status: answer.status, headers: answer.response.headers,
        length: answer.response.body.count, body: text(answer.response.body))
      guard let line = try? JSON.encode(exchange) else { return }
      file.write(line + Data("\n".utf8))
    }
  }

  private static func text(_ bytes: [UInt8]) -> String? {
    guard !bytes.isEmpty, bytes.count <= maxBody else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
