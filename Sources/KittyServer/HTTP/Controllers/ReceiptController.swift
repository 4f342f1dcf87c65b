import Hummingbird
import KittyShared

/// The routes of receipts: they are added to entries, read, removed, and sent together as a zip file.
struct ReceiptController: Sendable {
  let entries: EntryController
  let bookkeeping: Bookkeeping
  let photos: any PhotoStorage
  let receiver: UploadReceiver
  let photoUploads: PhotoUploads
  /// The files that are being sent.
  let downloads: FairShare<Consumer>
  /// The receipts whose files are here. nginx sends the file, so to look it up would take most of the time of a request.
  private let known = VersionedCache<Place, Receipt>(capacity: 1000)

  private struct Place: Hashable {
    let group: ID
    let entry: String
    let number: Int
  }

  func register(on routes: inout Routes) {
    routes.on(Endpoints.setReceipt, set)
    routes.on(Endpoints.receipt, read)
    routes.on(Endpoints.removeReceipt, remove)
    routes.on(Endpoints.receipts, zip)
  }

  private func set(_ call: Call) async throws -> Reply<Entry> {
    let version = try call.version(required: false)
    let number = try Self.number(call)
    let name = try call.receiptName()
    let entry = try await entries.find(call)
    let caller = try call.caller()
    // Before ten megabytes are received for nothing.
    try bookkeeping.requireReceiptChange(of: entry, number: number, version: version, by: caller)
    let stored = try await receiver.receipt(of: call, photoUploads)
    let changed = try await bookkeeping.setReceipt(
      number, of: entry, to: stored.receipt(number, named: name), version: version, by: caller)
    return Reply(changed).withETag(changed.version)
  }

  private func remove(_ call: Call) async throws -> Reply<Entry> {
    let version = try call.version(required: false)
    let number = try Self.number(call)
    let entry = try await entries.find(call)
    let changed = try await bookkeeping.setReceipt(
      number, of: entry, to: nil, version: version, by: call.caller())
    return Reply(changed).withETag(changed.version)
  }

  private func read(_ call: Call) async throws -> Response {
    let number = try Self.number(call)
    let isPreview = try Self.isPreview(call)
    let receipt = try await receipt(number, call)
    guard !isPreview || receipt.type.isPicture else { throw Rejection.notFound("receipt") }
    let tag = isPreview ? "\"\(receipt.hash)-preview\"" : "\"\(receipt.hash)\""
    var headers: HTTPFields = [.eTag: tag, .cacheControl: "private, no-cache"]
    guard !call.request.hasCopy(of: tag) else { return Response(status: .notModified, headers: headers) }
    headers[.contentType] = isPreview ? PhotoVariant.preview.contentType : receipt.type.rawValue
    headers[.contentSecurityPolicy] = Self.policy
    if !isPreview { headers[.contentDisposition] = Self.disposition(receipt.name) }
    return try await receiver.withStorage(call) {
      try await StoredFileReply(photos: photos).response(
        isPreview ? .receiptPreview : .receipt, of: receipt.hash, tag: tag, headers, as: "receipt", call)
    }
  }

  private func receipt(_ number: Int, _ call: Call) async throws -> Receipt {
    guard let text = call.context.parameters.get("entry"), let key = EntryKey(text) else {
      throw Rejection.notFound("receipt")
    }
    let (group, version) = (try call.member.group, call.booksVersion)
    let place = Place(group: group, entry: text, number: number)
    if let receipt = known.value(for: place, at: version) { return receipt }
    guard let found = try await bookkeeping.receipts.find(number, of: key, in: group),
      let named = found.content.receipt(number)
    else { throw Rejection.notFound("receipt") }
    guard let receipt = found.receipt else {
      throw Rejection(
        .notFound, "no_file", "The file is not here",
        "The entry was imported, and its file of \(named.bytes) bytes was not. Send the receipt \"\(named.name)\" again."
      )
    }
    known.insert(receipt, for: place, at: version)
    return receipt
  }

  /// A browser that shows a receipt all the same runs nothing in it.
  static let policy = "default-src 'none'; sandbox; frame-ancestors 'none'"

  /// Returns the header that has a browser save a file under its name (RFC 6266): once in ASCII, once in UTF-8.
  static func disposition(_ name: String) -> String {
    let plain = String(
      name.unicodeScalars.map { scalar in
        scalar.isASCII && scalar.value >= 0x20 && !"\"\\%;".unicodeScalars.contains(scalar)
          ? Character(scalar) : "_"
      })
    return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(QueryText.encoded(name))"
  }

  private static func number(_ call: Call) throws(Rejection) -> Int {
    guard let text = call.context.parameters.get("receipt"), let number = Int64(canonical: text),
      (1...Receipt.maxNumber).contains(Int(number))
    else { throw .notFound("receipt") }
    return Int(number)
  }

  private static func isPreview(_ call: Call) throws(Rejection) -> Bool {
    switch call.query["size"] {
    case nil, "original": return false
    case "preview": return true
    default: throw .invalid("size", "unknown_size", "size must be original or preview.")
    }
  }

  // MARK: The zip file

  private func zip(_ call: Call) async throws -> Response {
    let (from, to) = try call.days()
    let group = try call.member.group
    let listed = try await bookkeeping.receipts.list(
      in: group, from: from, to: to, limit: ZipArchive.maxFiles + 1)
    let archive = try Self.archive(of: listed)
    let tag = "\"\(archive.tag)\""
    var headers: HTTPFields = [.eTag: tag, .cacheControl: "private, no-cache"]
    guard !call.request.hasCopy(of: tag) else { return Response(status: .notModified, headers: headers) }
    headers[.contentType] = "application/zip"
    headers[.contentSecurityPolicy] = Self.policy
    headers[.contentDisposition] = Self.disposition("receipts-\(group).zip")
    let place = try downloadPlace(call)
    let logger = call.context.logger
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody(contentLength: archive.size) { output in
        var writer = ZipArchive.Writer(archive)
        for file in archive.files {
          guard let bytes = try await photos.read(file.hash, .receipt), bytes.count == file.size else {
            // The length is sent already: the client sees that the file is cut off.
            logger.error("a receipt is missing in the storage", metadata: ["receipt": "\(file.hash)"])
            throw PhotoStorageFailure(description: "a receipt is missing: \(file.hash)")
          }
          try await output.write(ByteBuffer(bytes: writer.header(of: file, bytes)))
          try await output.write(ByteBuffer(bytes: bytes))
        }
        try await output.write(ByteBuffer(bytes: writer.end()))
        try await output.finish(nil)
        withExtendedLifetime(place) {}
      })
  }

  private static func archive(of listed: [ReceiptStore.Listed]) throws(Rejection) -> ZipArchive {
    let archive = ZipArchive(
      listed.map { listed in
        ZipArchive.File(
          name: "\(listed.date) #\(listed.entry)-\(listed.receipt.number) \(listed.receipt.name)",
          date: listed.date, size: listed.receipt.bytes, hash: listed.receipt.hash)
      })
    guard archive.files.count <= ZipArchive.maxFiles, archive.size <= ZipArchive.maxSize else {
      throw .invalid(
        "from", "too_many",
        "A zip file has at most \(ZipArchive.maxFiles) receipts and 4 GB. Ask for fewer days with from and to."
      )
    }
    return archive
  }

  private func downloadPlace(_ call: Call) throws(Rejection) -> FairShare<Consumer>.Hold {
    do { return try downloads.hold(for: call.consumer) } catch {
      throw error == .ownPart
        ? .tooManyAtOnce("files are being sent to you", retryAfter: 5)
        : .unavailable("Too many files are being sent. Try again in a few seconds.", retryAfter: 5)
    }
  }
}

extension Call {
  /// Returns the parameter `name` of a receipt, checked.
  /// - Throws: `Rejection.invalid`.
  func receiptName() throws(Rejection) -> String? {
    guard let name = query["name"] else { return nil }
    var checks = FieldChecks()
    Receipt.checkName(name.trimmed, "name", &checks)
    if !checks.errors.isEmpty { throw .invalid(checks.errors) }
    return name
  }
}
