import FoundationEssentials
import KittyShared

/// A part of the list of a bucket's objects, from the XML that S3 answers (ListObjectsV2).
struct S3Listing: Sendable {
  struct Object: Sendable, Equatable {
    let key: String
    let changedAt: Instant
  }

  let objects: [Object]
  /// What to ask for the part that follows; `nil` at the end.
  let next: String?

  /// Our keys need no escapes in XML, so those with any are none of ours, and left out; `nil` when it is no list.
  init?(_ xml: String) {
    guard xml.contains("<ListBucketResult") else { return nil }
    var objects: [Object] = []
    var rest = xml[...]
    while let start = rest.firstRange(of: "<Contents>"), let end = rest.firstRange(of: "</Contents>"),
      start.upperBound <= end.lowerBound
    {
      let object = rest[start.upperBound..<end.lowerBound]
      if let key = Self.element("Key", in: object), let text = Self.element("LastModified", in: object),
        let instant = try? JSON.decode(Instant.self, from: Data("\"\(text)\"".utf8))
      {
        objects.append(Object(key: key, changedAt: instant))
      }
      rest = rest[end.upperBound...]
    }
    self.objects = objects
    next = Self.element("NextContinuationToken", in: xml[...])
  }

  /// What stands in the first element of this name.
  static func element(_ name: String, in xml: Substring) -> String? {
    guard let start = xml.firstRange(of: "<\(name)>"),
      let end = xml[start.upperBound...].firstRange(of: "</\(name)>")
    else { return nil }
    return String(xml[start.upperBound..<end.lowerBound])
  }

  /// A value of a query, as a signature wants it: all but letters, digits and `-._~` in percent.
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
