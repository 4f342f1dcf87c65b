import FoundationEssentials
import HTTPTypes
import Hummingbird
import KittyShared
import NIOCore

/// Receives bodies that are too large for the memory, in temporary files; compressed ones decoded, and the limit is that of the decoded
/// file.
struct RequestFiles: Sendable {
  let uploads: UploadFolder
  /// Largest body.
  let maxBytes: Int
  let gate: UploadGate

  /// Receives a body, and calls `handler` with it. The file is removed afterwards.
  /// - Parameter advice: What the route takes, for a body of another media type.
  /// - Throws: `Problem` 415 and 413 as for other JSON; `Rejection` when too many files are received at once, or the
  ///   disk is full.
  func withBody<Value>(of call: Call, advice: String, _ handler: (ReceivedFile) async throws -> Value)
    async throws -> Value
  {
    try RequestJSON.requireJSON(call.request, advice: advice)
    try RequestJSON.requireLength(call.request, limit: maxBytes)
    return try await gate.pass(call) { try await received(call, handler) }
  }

  /// Receives a body of any media type: the file tells what it is.
  /// - Throws: `Problem` 413; `Rejection` when too many files are received at once, or the disk is full.
  func withFile<Value>(of call: Call, _ handler: (ReceivedFile) async throws -> Value) async throws -> Value {
    try RequestJSON.requireLength(call.request, limit: maxBytes)
    return try await gate.pass(call) { try await received(call, handler) }
  }

  private func received<Value>(_ call: Call, _ handler: (ReceivedFile) async throws -> Value) async throws
    -> Value
  {
    let upload: UploadFolder.Upload
    do { upload = try uploads.create() } catch let failure as PhotoStorageFailure {
      call.context.logger.error("upload failed", metadata: ["why": "\(failure)"])
      throw Rejection.unavailable("The server cannot store the file. Try again later.", retryAfter: 10)
    }
    defer { uploads.remove(upload) }
    do { try await write(call, to: upload.original) } catch let error as IOError {
      call.context.logger.error("upload failed", metadata: ["why": "\(error)"])
      throw Rejection.unavailable("The server cannot store the file. Try again later.", retryAfter: 10)
    }
    let file = try ReceivedFile(upload.original)
    guard file.count <= maxBytes else { throw Problem.tooLarge(limit: maxBytes) }
    return try await handler(file)
  }

  private func write(_ call: Call, to path: String) async throws {
    let (files, body) = (FileIO(), call.request.body)
    if call.request.isGzip {
      try await files.writeFile(
        contents: GunzippedBody(body: body, limit: maxBytes), path: path, context: call.context)
    } else {
      try await files.writeFile(
        contents: BoundedBody(body: body, limit: maxBytes), path: path, context: call.context)
    }
  }
}
