/// A request for an address to which a file can be sent once, without a session: from a phone, for example.
package struct NewUpload: RequestBody, Hashable {
  /// The group whose photo it becomes; the photo of the caller when omitted.
  package var group: ID?
  /// The entry of the group whose receipt it becomes, instead of the photo.
  package var entry: ID?

  package enum CodingKeys: String, CodingKey, CaseIterable { case group, entry }

  package init(group: ID? = nil, entry: ID? = nil) {
    self.group = group
    self.entry = entry
  }

  /// Checks the fields; the server looks group and entry up.
  package func check(_ checks: inout FieldChecks) {
    checks.require(entry == nil || group != nil, "group", "missing", "Send the group of the entry too.")
  }
}

/// An address to which a photo or a receipt can be sent once.
package struct UploadAddress: Codable, Hashable, Sendable {
  /// A page that sends a file, with the secret behind its `#`, where no log has it.
  package let url: String
  /// The secret, for `PUT /v1/uploads` with `Authorization: Bearer …`. Only this response has it.
  package let token: String
  /// The instant of expiry.
  package let expiresAt: Instant

  package init(url: String, token: String, expiresAt: Instant) {
    self.url = url
    self.token = token
    self.expiresAt = expiresAt
  }
}

/// The file that has come to an upload address.
package enum UploadedFile: Codable, Hashable, Sendable {
  /// The photo of the user or the group.
  case photo(Photo)
  /// The receipt of the entry.
  case receipt(Receipt)

  /// Reads a photo or a receipt.
  package init(from decoder: any Decoder) throws {
    enum Key: CodingKey { case number }
    let isReceipt = try decoder.container(keyedBy: Key.self).contains(.number)
    self = isReceipt ? .receipt(try Receipt(from: decoder)) : .photo(try Photo(from: decoder))
  }

  /// Writes the photo or the receipt, without a wrapper.
  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .photo(let photo): try photo.encode(to: encoder)
    case .receipt(let receipt): try receipt.encode(to: encoder)
    }
  }
}
