import Hummingbird
import KittyShared
import NIOCore

/// Receives bodies that are files into bounded temporary files: photos and receipts.
struct UploadReceiver: Sendable {
  let uploads: UploadFolder
  let gate: UploadGate

  /// The kind of a body.
  struct Kind: Sendable {
    /// The field of errors, which is the word for it: "photo".
    let field: String
    let use: PhotoRejection.Use
    /// Largest body.
    let maxBytes: Int
  }

  /// Writes the body into a file, and calls `body` with it. The file is removed afterwards.
  /// - Throws: `Problem` 413 for a body that is too large, 415 and 422 for one that is rejected; `Rejection`.
  private func receive<Value>(
    _ kind: Kind, of call: Call, _ body: (UploadFolder.Upload) async throws -> Value
  ) async throws -> Value {
    if let text = call.request.headers[.contentLength], let length = Int(text) {
      if length > kind.maxBytes { throw Self.tooLarge(kind) }
      // Nothing to receive: it needs no place, and no worker.
      if length == 0 { throw Self.problem(.empty, kind) }
    }
    return try await gate.pass(call) { try await received(kind, call, body) }
  }

  /// Writes the body to a bounded temporary file, then checks, converts and stores the photo.
  func photo(of call: Call, maxBytes: Int, _ photos: PhotoUploads) async throws -> Photo {
    try await receive(Kind(field: "photo", use: .photo, maxBytes: maxBytes), of: call) { upload in
      try await photos.convert(upload, logger: call.context.logger, call.write)
    }
  }

  /// Writes the body to a bounded temporary file, then checks and stores the receipt.
  func receipt(of call: Call, _ photos: PhotoUploads) async throws -> StoredReceipt {
    try await receive(Kind(field: "receipt", use: .receipt, maxBytes: Receipt.maxBytes), of: call) { upload in
      try await photos.checkReceipt(upload, logger: call.context.logger, call.write)
    }
  }

  private func received<Value>(
    _ kind: Kind, _ call: Call, _ body: (UploadFolder.Upload) async throws -> Value
  ) async throws -> Value {
    let upload = try await withStorage(call) { try uploads.create() }
    defer { uploads.remove(upload) }
    do {
      return try await withStorage(call) {
        let bounded = BoundedBody(body: call.request.body, limit: kind.maxBytes)
        try await FileIO().writeFile(contents: bounded, path: upload.original, context: call.context)
        guard try uploads.size(of: upload) <= kind.maxBytes else { throw Self.tooLarge(kind) }
        return try await body(upload)
      }
    } catch let rejection as PhotoRejection {
      throw Self.problem(rejection, kind)
    }
  }

  /// Runs `body`. The text of a storage failure goes to the log, not to the client.
  func withStorage<Value>(_ call: Call, _ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch let failure as PhotoStorageFailure {
      call.context.logger.error("photo store failed", metadata: ["why": "\(failure)"])
      if uploads.isFull() { throw Rejection.fullDisk }
      throw Rejection.unavailable(
        "Photos are currently unavailable. Try again later.", retryAfter: 10)
    }
  }

  private static func problem(_ rejection: PhotoRejection, _ kind: Kind) -> Problem {
    let status = rejection.code == PhotoRejection.empty.code ? 415 : 422
    let message = rejection.message(for: kind.use)
    return Problem(
      status, rejection.code, "This \(kind.use == .photo ? "picture" : "receipt") cannot be used", message,
      errors: [FieldError(field: kind.field, code: rejection.code, message: message)])
  }

  private static func tooLarge(_ kind: Kind) -> Problem {
    let message =
      "A \(kind.field) must have at most \(kind.maxBytes) bytes (\(kind.maxBytes.asBytes)). Send a smaller one."
    return Problem(
      413, "too_large", "The \(kind.field) is too large", message,
      errors: [FieldError(field: kind.field, code: "too_large", message: message)])
  }
}
