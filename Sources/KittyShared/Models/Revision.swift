/// One change of an entry.
package struct Revision: Codable, Hashable, Sendable {
  /// The version after the change.
  package let version: Int64
  /// The action.
  package let action: Action
  /// The member who made the change.
  package let by: ID
  /// The instant.
  package let at: Instant
  /// The changed fields, in the order of their names.
  package let changes: [Change]

  /// A kind of change of an entry.
  package enum Action: String, Codable, Sendable {
    /// The entry was created.
    case created
    /// Fields were changed.
    case changed
    /// The entry was removed from the balances.
    case deleted
    /// The entry was added to the balances again.
    case restored
    /// The difference of a count was adjusted to an entry before it that was noted, changed or deleted later.
    case adjusted
  }

  /// A field before and after.
  package struct Change: Codable, Hashable, Sendable {
    /// The field's name, such as `amount`.
    package let field: String
    /// The old value as JSON; `nil` if there was none.
    package let old: JSONValue?
    /// The new value as JSON; `nil` if it was removed.
    package let new: JSONValue?

    package init(field: String, old: JSONValue?, new: JSONValue?) {
      self.field = field
      self.old = old
      self.new = new
    }
  }

  package init(version: Int64, action: Action, by: ID, at: Instant, changes: [Change]) {
    self.version = version
    self.action = action
    self.by = by
    self.at = at
    self.changes = changes
  }
}

/// The changes of an entry, oldest first.
package struct History: Codable, Hashable, Sendable {
  /// The changes.
  package let revisions: [Revision]
  /// The `cursor` of the next page; `nil` on the last page.
  package let next: String?

  package init(revisions: [Revision], next: String? = nil) {
    self.revisions = revisions
    self.next = next
  }
}
