import FoundationEssentials
import KittyShared

/// A page of the list of a bucket's objects, read from the XML of a ListObjectsV2 response.
struct S3Listing: Sendable {
  struct Object: Sendable, Equatable {
    let key: String
    let changedAt: Instant
  }

  let objects: [Object]
  /// Continuation token of the next page; `nil` on the last page.
  let next: String?

  /// Reads a response. Keys with XML escapes are not photos, since the keys of photos need none.
  /// - Returns: `nil` when the text is not a list of objects.
  init?(_ xml: String) {
    guard xml.contains("<ListBucketResult") else { return nil }
    var objects: [Object] = []
    var remaining = xml[...]
    while let start = remaining.firstRange(of: "<Contents>"),
      let end = remaining.firstRange(of: "</Contents>"),
      start.upperBound <= end.lowerBound
    {
      let object = remaining[start.upperBound..<end.lowerBound]
      if let key = Self.element("Key", in: object), let text = Self.element("LastModified", in: object),
        let instant = try? JSON.decode(Instant.self, from: Data("\"\(text)\"".utf8))
      {
        objects.append(Object(key: key, changedAt: instant))
      }
      remaining = remaining[end.upperBound...]
    }
    self.objects = objects
    next = Self.element("NextContinuationToken", in: xml[...])
  }

  /// Returns the text of the first element of this name.
  static func element(_ name: String, in xml: Substring) -> String? {
    guard let start = xml.firstRange(of: "<\(name)>"),
      let end = xml[start.upperBound...].firstRange(of: "</\(name)>")
    else { return nil }
    return String(xml[start.upperBound..<end.lowerBound])
  }

  /// Returns a query value as it is signed: percent-encoded except for letters, digits and `-._~`.
  static func escape(_ text: String) -> String {
    text.utf8.map { byte in
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || "-._~".utf8.contains(byte)
      if isPlain { return String(UnicodeScalar(byte)) }
      return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }
}
