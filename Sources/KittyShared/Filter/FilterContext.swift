/// The meaning of names and relative dates in a filter: the people and categories of a group, the caller, today.
package struct FilterContext: Sendable {
  /// The members, the former ones too.
  package var members: [Person]
  /// The member who asks.
  package var me: ID
  /// The categories.
  package var categories: [Category]
  /// The present day where the caller is.
  package var today: Day

  /// A present or former member.
  package struct Person: Hashable, Sendable {
    /// The member's id.
    package let id: ID
    /// The name in the group.
    package let name: String
    /// `false` for a former member.
    package let isPresent: Bool

    package init(id: ID, name: String, isPresent: Bool) {
      self.id = id
      self.name = name
      self.isPresent = isPresent
    }
  }

  /// A category of entries.
  package struct Category: Hashable, Sendable {
    /// The category's id.
    package let id: ID
    /// The name in the group.
    package let name: String
    /// The category above it.
    package let parent: ID?

    package init(id: ID, name: String, parent: ID?) {
      self.id = id
      self.name = name
      self.parent = parent
    }
  }

  package init(members: [Person], me: ID, categories: [Category], today: Day) {
    self.members = members
    self.me = me
    self.categories = categories
    self.today = today
  }
}

extension FilterContext {
  /// The result of looking up a name: what it refers to, or why it refers to nothing.
  enum Lookup<Value> {
    case found(Value)
    case unknown(message: String)
    /// Several matches may be meant.
    case ambiguous(Value, message: String)
  }

  /// Looks up an account as a line of quick entry does, and also without accents. Of equal names that of a present
  /// member wins.
  func accounts(_ name: FilterName) -> Lookup<Set<LedgerAccount>> {
    switch name {
    case .me: return .found([.member(me)])
    case .kitty: return .found([.kitty])
    case .named(let text):
      if let id = ID(text), members.contains(where: { $0.id == id }) { return .found([.member(id)]) }
      let match = NameMatch(
        text, in: members.map { ($0.name, $0) }, ignoringAccents: true, preferring: \.isPresent)
      switch match {
      case .one(let person): return .found([.member(person.id)])
      case .several(let found):
        let accounts = Set(found.map { LedgerAccount.member($0.value.id) })
        let message =
          Set(found.map(\.name)).count == 1
          ? "Several former members have the name \"\(text)\". Write an id: \(found.map { "\($0.value.id)" }.listed("or"))."
          : "\"\(text)\" could be \(found.map(\.name).listed("or")). Write more of the name."
        return .ambiguous(accounts, message: message)
      case .none:
        return .unknown(
          message:
            "The group has no member \"\(text)\". Its members are \(members.map(\.name).listed("and")).")
      }
    }
  }

  /// Looks up a category by its name, or by the names of its parent and itself with a slash between them.
  /// - Returns: The category and those below it.
  func categories(_ name: String) -> Lookup<Set<ID>> {
    let key = name.folded
    var found = categories.filter { $0.name.folded == key }
    if found.isEmpty { found = categories.filter { path(of: $0).folded == key } }
    guard !found.isEmpty else {
      let names = categories.map(\.name)
      return .unknown(
        message: "The group has no category \"\(name)\". "
          + (names.isEmpty ? "It has no categories." : "Its categories are \(names.listed("and"))."))
    }
    let ids = Set(found.map(\.id))
    let all = ids.union(categories.filter { $0.parent.map(ids.contains) ?? false }.map(\.id))
    guard found.count > 1 else { return .found(all) }
    let paths = found.map { "\"\(path(of: $0))\"" }
    return .ambiguous(
      all, message: "Several categories have the name \"\(name)\". Write \(paths.listed("or")).")
  }

  private func path(of category: Category) -> String {
    guard let parent = categories.first(where: { $0.id == category.parent }) else { return category.name }
    return "\(parent.name)/\(category.name)"
  }

  /// The accounts with a name that contains a folded text.
  func accounts(containing text: String) -> Set<LedgerAccount> {
    var found = Set(members.filter { $0.name.folded.contains(text) }.map { LedgerAccount.member($0.id) })
    if "kitty".contains(text) { found.insert(.kitty) }
    return found
  }
}
