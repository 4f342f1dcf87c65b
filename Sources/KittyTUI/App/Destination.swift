import KittyShared

/// The place that an argument of the command line names, such as `flat`, `flat/318` or `flat/settle`.
enum Destination: Sendable {
  /// A group, and the name of a place in it.
  case found(Group, String?)
  /// A sentence with the reason why no group is meant.
  case unclear(SafeText)

  /// - Parameters:
  ///   - text: The group's id, its name or the beginning of its name, then the place after a slash. A name may have a
  ///     slash itself.
  ///   - groups: The groups of the user. An archived one is meant only if no other one is.
  init(_ text: String, in groups: [Group]) {
    if case .found(let group, _) = Destination(name: text, groups) {
      self = .found(group, nil)
      return
    }
    guard let slash = text.lastIndex(of: "/") else {
      self = Destination(name: text, groups)
      return
    }
    let place = String(text[text.index(after: slash)...]).trimmed
    switch Destination(name: String(text[..<slash]), groups) {
    case .found(let group, _): self = .found(group, place.isEmpty ? nil : place)
    case .unclear(let why): self = .unclear(why)
    }
  }

  private init(name: String, _ groups: [Group]) {
    if let id = ID(name), let group = groups.first(where: { $0.id == id }) {
      self = .found(group, nil)
      return
    }
    for isArchived in [false, true] {
      let candidates = groups.filter { ($0.archivedAt != nil) == isArchived }
      switch NameMatch(name, in: candidates.map { ($0.name, $0) }) {
      case .one(let group):
        self = .found(group, nil)
        return
      case .several(let found):
        let names = found.map { "\"\($0.name)\"" }.listed("or")
        self = .unclear("\"\(name)\" could be \(names). Press : and write more of the name.")
        return
      case .none: continue
      }
    }
    self = .unclear("You have no group whose name is or begins with \"\(name)\".")
  }
}
