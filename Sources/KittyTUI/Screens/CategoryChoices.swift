import KittyShared

/// The categories that a form offers, each with a text of its own: a field has the text, and a request the id.
struct CategoryChoices: Hashable, Sendable {
  private struct Choice: Hashable {
    let id: ID?
    let name: String
  }

  private let choices: [Choice]

  /// The text of no category.
  static let none = "none"
  /// The number of latest entries whose categories come first.
  private static let recent = 30

  /// - Parameters:
  ///   - kept: A category that may stay although it is archived, or not known here yet.
  ///   - without: A category that is not offered.
  init(_ data: GroupData, keeping kept: ID? = nil, without: ID? = nil) {
    let latest = data.entries.prefix(Self.recent).compactMap(\.category)
    let usable = data.tree.filter { ($0.archivedAt == nil || $0.id == kept) && $0.id != without }.map(\.id)
    let others = kept.map { usable.contains($0) ? [] : [$0] } ?? []
    let sorted = (usable + others).enumerated().sorted { left, right in
      let places = [left, right].map { latest.firstIndex(of: $0.element) ?? .max }
      return (places[0], left.offset) < (places[1], right.offset)
    }
    var taken: Set = [Self.none]
    choices =
      [Choice(id: nil, name: Self.none)]
      + sorted.map { _, id in
        let plain = data.categoryName(id).string
        var (name, number) = (plain, 2)
        // A name of the upper level may be written like the way to another category.
        while !taken.insert(name).inserted {
          name = "\(plain) (\(number))"
          number += 1
        }
        return Choice(id: id, name: name)
      }
  }

  /// `true` when there is nothing to choose.
  var isEmpty: Bool { choices.count == 1 }

  var options: [Picker.Option] {
    choices.enumerated().map { Picker.Option($0.offset, SafeText($0.element.name)) }
  }

  /// Returns the text of a category; `nil` when it is not offered.
  func name(of id: ID?) -> String? { choices.first { $0.id == id }?.name }

  /// Returns the category of a text; `nil` for none.
  /// - Throws: `Rejection` for a text that is not offered.
  func id(of text: String) throws(Rejection) -> ID? {
    guard let choice = choices.first(where: { $0.name == text }) else {
      throw .invalid("category", "not_a_category", "There is no such category now. Space shows all.")
    }
    return choice.id
  }
}
