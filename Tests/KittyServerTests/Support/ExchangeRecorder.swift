import Foundation
import KittyShared
import Synchronization

/// Writes every request of the tests and its answer to a file, a line of JSON each, to be held against the
/// contract afterwards: `make test` does so.
enum ExchangeRecorder {
  private static let file: Mutex<FileHandle?> = {
    guard let path = ProcessInfo.processInfo.environment["KITTY_TEST_EXCHANGES"] else { return Mutex(nil) }
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    return Mutex(FileHandle(forWritingAtPath: path))
  }()

  /// Bodies beyond this are not written: the file of a test run stays small.
  private static let maxBody = 1 << 20

  private struct Exchange: Encodable {
    let method: String
    /// With its query.
    let path: String
    let requestHeaders: [String: String]
    /// Left out when there is none, when it is no text, and when it is large.
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
