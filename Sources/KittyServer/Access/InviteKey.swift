import KittyShared
import Sodium

/// The content of an invite code: the id of the group, so that the invite is looked up in that group alone, and the
/// secret.
struct InviteKey: Hashable, Sendable {
  let group: ID
  /// 16 random bytes as 22 characters.
  let secret: String

  init(group: ID, secret: String) {
    self.group = group
    self.secret = secret
  }

  /// Makes a key with a new secret.
  init(group: ID) throws { self.init(group: group, secret: base64URL(try randomBytes(count: 16))) }

  /// Reads a code; `nil` when it is not one.
  init?(code: String) {
    let characters = Array(code.trimmed.utf8)
    guard characters.count == 44 else { return nil }
    guard let bytes = Base64URL.decode(String(decoding: characters.prefix(22), as: UTF8.self)) else {
      return nil
    }
    var text = hex(bytes)
    for position in [8, 13, 18, 23] where text.count > position {
      text.insert("-", at: text.index(text.startIndex, offsetBy: position))
    }
    guard let group = ID(text) else { return nil }
    self.init(group: group, secret: String(decoding: characters.dropFirst(22), as: UTF8.self))
  }

  /// The id of the group and the secret, 22 characters each.
  var code: String {
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in group.description.compactMap(\.hexDigitValue).map(UInt8.init) {
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return Base64URL.encode(bytes) + secret
  }
}
