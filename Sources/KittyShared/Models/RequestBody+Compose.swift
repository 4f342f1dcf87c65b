// The texts of people in each request. Passwords are not here: their composed form is tried first, and the form as sent
// second, since a hash may be older than the rule.

extension RequestBody {
  /// Does nothing: most requests have no text.
  package mutating func compose() {}
}

extension NewGroup {
  package mutating func compose() { name = name.composed }
}

extension GroupChange {
  package mutating func compose() { name = name?.composed }
}

extension NewMember {
  package mutating func compose() { name = name.composed }
}

extension MemberChange {
  package mutating func compose() { name = name?.composed }
}

extension NewUser {
  package mutating func compose() { displayName = displayName?.composed }
}

extension UserChange {
  package mutating func compose() { displayName = displayName?.composed }
}

extension NewSession {
  package mutating func compose() { device = device?.composed }
}

extension NewToken {
  package mutating func compose() { name = name.composed }
}

extension NewComment {
  package mutating func compose() { text = text.composed }
}

extension NewExpense {
  package mutating func compose() {
    description = description.composed
    note = note?.composed
    tags = tags?.map(\.composed)
    split?.compose()
  }
}

extension ExpenseChange {
  package mutating func compose() {
    description = description?.composed
    note.compose()
    tags = tags?.map(\.composed)
    split?.compose()
  }
}

extension NewPayment {
  package mutating func compose() {
    description = description?.composed
    note = note?.composed
  }
}

extension PaymentChange {
  package mutating func compose() {
    description = description?.composed
    note.compose()
  }
}

extension NewCount {
  package mutating func compose() {
    description = description?.composed
    note = note?.composed
    split?.compose()
  }
}

extension GroupFile {
  package mutating func compose() {
    name = name.composed
    for index in members.indices { members[index].name = members[index].name.composed }
    categories = categories?.map { category in
      var category = category
      category.name = category.name.composed
      return category
    }
    recurring = recurring?.map { rule in
      var rule = rule
      rule.template.compose()
      return rule
    }
    for index in entries.indices { entries[index].compose() }
  }
}

extension GroupFile.FileEntry {
  fileprivate mutating func compose() {
    for index in revisions.indices { revisions[index].content.compose() }
    for index in comments.indices { comments[index].text = comments[index].text.composed }
  }
}

extension EntryContent {
  fileprivate mutating func compose() {
    description = description.composed
    note = note?.composed
    tags = tags?.map(\.composed)
    split?.compose()
  }
}

extension SplitRule {
  fileprivate mutating func compose() {
    items = items?.map { item in
      var item = item
      item.description = item.description?.composed
      item.tags = item.tags?.map(\.composed)
      return item
    }
  }
}

extension Patch<String> {
  fileprivate mutating func compose() {
    if case .set(let text) = self { self = .set(text.composed) }
  }
}
