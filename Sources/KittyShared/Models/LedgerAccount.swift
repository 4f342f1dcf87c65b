/// An account of a group's books: a member, or the kitty. On the wire a member's id, or `"kitty"`.
package enum LedgerAccount: Hashable, Sendable {
  /// A member.
  case member(ID)
  /// The group's kitty.
  case kitty

  /// The member; `nil` for the kitty.
  package var member: ID? {
    guard case .member(let id) = self else { return nil }
    return id
  }

  /// The account's id in the books of a group: the kitty's is the group's own.
  package func id(in group: ID) -> ID { member ?? group }

  /// The account with this id in the books of a group.
  package init(_ id: ID, in group: ID) { self = id == group ? .kitty : .member(id) }

  /// The account's id in computations: the kitty's does not depend on the group, so that a copy of a group has the same
  /// leftover units, debts and plans.
  package var key: ID { id(in: .first) }

  /// The account with this key.
  package init(key: ID) { self.init(key, in: .first) }
}

extension LedgerAccount: CustomStringConvertible {
  /// The member's id, or `kitty`.
  package var description: String { member?.description ?? "kitty" }
}

extension LedgerAccount: Codable {
  /// Reads an id or `"kitty"`.
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    if text == "kitty" {
      self = .kitty
    } else if let id = ID(text) {
      self = .member(id)
    } else {
      throw FieldError(
        decoder, code: "not_an_account", message: "Write a member's id, or \"kitty\".")
    }
  }

  /// Writes an id or `"kitty"`.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
