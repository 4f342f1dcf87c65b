import KittyShared

/// The unsaved input of a form. It outlives the program in a file, and has no password and no code.
struct Draft: Codable, Hashable, Sendable {
  /// The kind of form.
  enum Kind: String, Codable, Hashable, CaseIterable, Sendable {
    case expense, payment, count, comment, member, category, group, invite, target, profile, address, token
    case recurring
    case importing = "import"
  }

  /// The form, and the resource that it makes or changes. A new resource has the id that the client made, so it is not made
  /// a second time when an earlier attempt was saved after all.
  struct Name: Codable, Hashable, Sendable {
    let kind: Kind
    let id: ID
  }

  /// An item of a receipt; without members it is for all of them.
  struct Item: Codable, Hashable, Sendable {
    var words: String
    var amount: String
    var members: [ID]?
    /// `true` when the request names the members even if all share the item.
    var namesAll: Bool?
    var category: ID?
    var tags: [String]?
  }

  /// A draft in its file.
  struct Stored: Hashable, Sendable {
    let file: ID
    let savedAt: Instant
    let draft: Draft
  }

  let name: Name
  /// The user who wrote it. No other user sees it.
  var user = ""
  /// The group whose data the form needs; `nil` for a form that needs none.
  var group: ID?
  /// The name of the group, or empty, for a list of drafts.
  var groupName = ""
  /// The entry as it was when the form was opened to change it, or to comment on it.
  var entry: Entry?
  /// The member to change, as it was.
  var member: Member?
  /// The category to change, as it was.
  var category: Category?
  /// The rule to change, as it was.
  var rule: Recurring?
  /// The group to change, as it was.
  var changedGroup: Group?
  /// The account to change, as it was.
  var account: User?
  /// The text of the fields by their names.
  var fields: [String: String] = [:]
  /// The choices by the names of their lines, such as the payer.
  var choices: [String: String] = [:]
  /// The amounts of several payers, by account.
  var payers: [String: String] = [:]
  /// The members who share an expense.
  var members: [ID] = []
  /// The values of a split, by member.
  var values: [String: String] = [:]
  var items: [Item] = []
  /// Tax, tip and discount.
  var extras: [String] = []

  init(_ name: Name) { self.name = name }
}
