import KittyShared

/// An action in a group. `Group.refusal(of:)` is the one table of what forbids it: the role of the user, an archived group,
/// members who may change only their own entries, and closed books. The bindings of all screens ask it.
enum GroupAction: Hashable, Sendable {
  /// Enter an expense, a payment, a count, a comment, a target or a photo.
  case enter
  case change(Entry)
  /// Add or remove a receipt of an entry.
  case attach(Entry)
  /// Enter an entry like another one.
  case copy(Entry)
  case delete(Entry)
  case restore(Entry)
  /// Add a guest.
  case addMember
  /// Add or change a category.
  case keepCategories
  case removeCategory
  /// Change or remove a rule for recurring entries.
  case changeRule(Recurring)
  /// Change the name or weight of a member.
  case amend(Member)
  case setRole(of: Member)
  case remove(Member)
  case handOver(to: Member)
  case leave(othersWithAccount: Int)
  case readInvites
  case invite
  /// Import a file, or undo an import.
  case importFile
  /// Change the name or a setting of the group, archive it or bring it back.
  case administer
  case deleteGroup
}

extension Group {
  /// The rights of the user.
  var rights: GroupRights {
    GroupRights(
      member: me, role: role, isArchived: archivedAt != nil, ownEntriesOnly: ownEntriesOnly,
      closedUntil: closedUntil)
  }

  /// Returns the reason why the server would refuse an action, as a sentence; `nil` when it allows it.
  func refusal(of action: GroupAction) -> SafeText? {
    switch action {
    case .enter, .addMember, .keepCategories: words(rights.refusal(of: .enter))
    case .copy(let entry):
      entry.kind == .count
        ? "A count cannot be copied. \(key: .count, "t") makes a new one." : words(rights.refusal(of: .enter))
    case .change(let entry):
      entry.deletedAt != nil
        ? "The entry is deleted. Restore it first: \(key: .undo, "u")."
        : refusal(ofRevising: entry)
          ?? (entry.kind == .count ? "A count cannot be edited. Delete it and count again." : nil)
    case .attach(let entry):
      entry.deletedAt != nil
        ? "The entry is deleted. Restore it first: \(key: .undo, "u")." : refusal(ofRevising: entry)
    case .delete(let entry):
      entry.deletedAt != nil ? "The entry is deleted already." : refusal(ofRevising: entry)
    case .restore(let entry):
      entry.deletedAt == nil ? "The entry is not deleted." : refusal(ofRevising: entry)
    case .amend(let member): refusal(ofAmending: member)
    case .changeRule(let rule):
      words(rights.refusal(of: .revise) ?? rights.refusal(ofRevising: rule.createdBy))
    case .setRole(let member): refusal(ofRoleOf: member)
    case .remove(let member): refusal(ofRemoving: member)
    case .handOver(let member): refusal(ofHandingTo: member)
    case .leave(let others):
      others > 0 && role == .owner
        ? "You own the group. Hand it over to another member first: \(key: .handOver, "o")." : nil
    case .readInvites: words(rights.refusalOfRole(.manage))
    case .removeCategory: words(rights.refusal(of: .manage))
    case .invite, .importFile: words(rights.refusal(of: .manage))
    case .administer: words(rights.refusal(of: .administer))
    case .deleteGroup: words(rights.refusal(of: .own))
    }
  }

  private func refusal(ofRevising entry: Entry) -> SafeText? {
    words(
      rights.refusal(of: .revise) ?? rights.refusal(ofRevising: entry.createdBy)
        ?? rights.refusal(ofDate: entry.date))
  }

  private func refusal(ofAmending member: Member) -> SafeText? {
    Self.refusal(ofFormer: member)
      ?? words(rights.refusal(of: .amend) ?? rights.refusal(ofAmending: member, changesRole: false))
  }

  private func refusal(ofRoleOf member: Member) -> SafeText? {
    if let former = Self.refusal(ofFormer: member) { return former }
    if member.role == .owner, role == .owner {
      return "You own the group. Hand it over first: \(key: .handOver, "o")."
    }
    return words(
      rights.refusal(of: .manage) ?? rights.refusal(ofAmending: member, changesRole: true))
  }

  private func refusal(ofRemoving member: Member) -> SafeText? {
    if let former = Self.refusal(ofFormer: member) { return former }
    if member.id == me {
      return "That is you. To leave the group, press \(key: .leaveGroup, "L") in the list of members."
    }
    if let refusal = words(rights.refusal(of: .manage)) { return refusal }
    return member.role == .owner ? "\(member.name) owns the group and cannot be removed from it." : nil
  }

  private func refusal(ofHandingTo member: Member) -> SafeText? {
    if let former = Self.refusal(ofFormer: member) { return former }
    if let refusal = words(rights.refusal(of: .own)) { return refusal }
    if member.id == me { return "You own the group already. Select another member." }
    return member.user == nil
      ? "\(member.name) has no account, so they cannot own the group. Invite them first: \(key: .invites, "v")."
      : nil
  }

  private static func refusal(ofFormer member: Member) -> SafeText? {
    member.removedAt == nil ? nil : "\(member.name) has left the group."
  }

  private func words(_ rejection: Rejection?) -> SafeText? { rejection.map { SafeText($0.detail) } }
}

extension Binding {
  /// Returns the binding, greyed when the group does not allow its action. Without a group or an action it stays as it is.
  func asking(_ group: Group?, for action: GroupAction?) -> Binding {
    guard let group, let action else { return self }
    var binding = self
    binding.refusal = group.refusal(of: action)
    return binding
  }
}
