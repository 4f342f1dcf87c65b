import HTTPTypes
import Hummingbird
import KittyShared
import POSIX
import SystemPackage

/// Replies with a file of the photo storage. nginx in front of the server sends a file of its machine itself, once the server
/// has checked the right to see it; otherwise the bytes pass through the server.
struct StoredFileReply: Sendable {
  let photos: any PhotoStorage

  /// The path under which nginx has the files. No client can ask for it.
  static let internalPath = "/-files/"

  /// Makes the response to a request whose caller may see the file.
  /// - Parameters:
  ///   - tag: The `ETag` of the file.
  ///   - headers: The other headers, the media type among them.
  ///   - thing: What the file is, for the error when it is missing.
  /// - Throws: `PhotoStorageFailure`; `Rejection.notFound`; `Problem` 416 for a range outside of the file.
  func response(
    _ variant: StoredVariant, of hash: String, tag: String, _ headers: HTTPFields, as thing: String,
    _ call: Call
  ) async throws -> Response {
    // A hash becomes a part of a path.
    guard hash.utf8.count == 64, hash.utf8.allSatisfy(Self.isHexDigit) else {
      throw DatabaseFailure.fault("a stored hash is not one")
    }
    var headers = headers
    if let path = photos.file(hash, variant) {
      if call.context.proxySendsFiles {
        headers[.accelRedirect] = "\(Self.internalPath)\(hash.prefix(2))/\(hash).\(variant.fileName)"
        return Response(status: .ok, headers: headers)
      }
      guard let size = (try? FilePath(path).stat())?.size else { throw missing(hash, thing, call) }
      headers[.acceptRanges] = "bytes"
      guard let part = try Self.part(of: Int(size), tag, &headers, call) else {
        let body = try await FileIO().loadFile(path: path, context: call.context)
        return Response(status: .ok, headers: headers, body: body)
      }
      let body = try await FileIO().loadFile(path: path, range: part, context: call.context)
      return Response(status: .partialContent, headers: headers, body: body)
    }
    guard let bytes = try await photos.read(hash, variant) else { throw missing(hash, thing, call) }
    headers[.acceptRanges] = "bytes"
    let part = try Self.part(of: bytes.count, tag, &headers, call)
    return Response(
      status: part == nil ? .ok : .partialContent, headers: headers,
      body: .init(byteBuffer: ByteBuffer(bytes: part.map { bytes[$0] } ?? bytes[...])))
  }

  /// Returns the part that the request asks for; `nil` for the whole file.
  private static func part(
    of size: Int, _ tag: String, _ headers: inout HTTPFields, _ call: Call
  ) throws -> ClosedRange<Int>? {
    switch call.request.range(of: size, tag: tag) {
    case .whole: return nil
    case .part(let part):
      headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound)/\(size)"
      return part
    case .outside:
      throw Problem(
        416, "range_not_satisfiable", "The range is outside of the file",
        "The file has \(size) bytes. Ask for a range within them, or for the whole file.")
    }
  }

  private func missing(_ hash: String, _ thing: String, _ call: Call) -> Rejection {
    call.context.logger.error("a \(thing) is missing in the storage", metadata: [thing: "\(hash)"])
    return .notFound(thing)
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
  }
}
