import KittyShared

/// The reading of more entries, and of comments, while a filter, a period or a move to the end needs them.
extension GroupScreen {
  /// The effects that search in older entries, which are not loaded yet, and in comments, or that go on to the last entry.
  var reads: [Effect] {
    if sought != nil { return older }
    let isNeeded = period != .all ? lacksEntries : !search.isEmpty || readsToEnd
    let comments = search.asked.map { [Effect.searchComments(group: group.id, $0)] } ?? []
    return (isNeeded ? older : []) + comments
  }

  /// The effect that reads the next page of older entries.
  var older: [Effect] { data?.next.map { [.loadEntries(group: group.id, after: $0)] } ?? [] }

  /// Takes the answer about comments; `nil` for none.
  mutating func take(_ found: Set<ID>?, _ question: CommentQuestion, _ context: Context) -> [Action] {
    if let found { search.receive(found, to: question) } else { search.fail(question) }
    filter()
    return goOn(context)
  }
}
