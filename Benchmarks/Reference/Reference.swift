import Foundation
import Hummingbird
import KittyShared

/// What Hummingbird itself can do: answers every request with the bytes of one file, a balances reply; and
/// `/coded` with the same reply, written by the shared codec each time.
///
/// Usage: `reference PORT FILE`.
@main
struct Reference {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let port = Int(arguments[1]) else {
      FileHandle.standardError.write(Data("usage: reference PORT FILE\n".utf8))
      exit(64)
    }
    let body = ByteBuffer(data: try Data(contentsOf: URL(filePath: arguments[2])))
    let balances = try JSON.decode(Balances.self, from: Data(body.readableBytesView))
    let router = Router()
    router.get("coded") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
        body: .init(byteBuffer: ByteBuffer(bytes: try JSON.bytes(of: balances))))
    }
    router.get("**") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
        body: .init(byteBuffer: body))
    }
    try await Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)))
      .runService()
  }
}
