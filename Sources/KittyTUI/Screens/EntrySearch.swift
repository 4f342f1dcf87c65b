import KittyShared

/// The filter of the entries, in the language of `Filter`. It looks at the entries that were read; about the comments, which are
/// on the server, it asks.
struct EntrySearch: Sendable {
  private(set) var field = TextField(limit: Filter.maxLength)
  /// The fault in the text, such as a name that is not written to its end yet: the filter before it stays meanwhile.
  private(set) var problem: FilterProblem?
  /// The latest filter without a fault.
  private var latest: Filter?
  /// The texts of the entries, so that a letter is not slow in a long list.
  private var texts = EntryTexts()
  /// The question about comments of the present filter and data; `nil` when no comment matters.
  private var question: CommentQuestion?
  /// The latest answer, and the entries as they were when it was asked for.
  private var answer: (question: CommentQuestion, found: Set<ID>, entries: [ID: Stamp])?
  /// The question that the server is asked. One at a time: what is typed meanwhile is asked next.
  private(set) var asked: CommentQuestion?
  /// The entries as they were when the server was asked.
  private var askedEntries: [ID: Stamp] = [:]
  /// The question that got no answer.
  private var unanswered: CommentQuestion?
  /// The present day of the user, for relative dates.
  private var today = Day.first

  /// The state of an entry and its comments, as far as a list shows it.
  private struct Stamp: Equatable {
    let version: Int64
    let commentCount: Int

    init(_ entry: Entry) { (version, commentCount) = (entry.version, entry.commentCount) }
  }

  var text: String { field.text }
  var isEmpty: Bool { field.text.trimmed.isEmpty }

  mutating func edit(_ key: Key, today: Day) -> Bool {
    self.today = today
    return field.edit(key)
  }

  mutating func clear() {
    field.set("")
    (latest, problem) = (nil, nil)
    (question, asked, answer) = (nil, nil, nil)
  }

  /// The words for rows that lack what comments would find; empty when they are complete.
  var missing: SafeText {
    guard let question, answer?.question != question else { return "" }
    return unanswered == question ? ", comments not searched" : " …"
  }

  /// Takes the answer about comments.
  mutating func receive(_ found: Set<ID>, to question: CommentQuestion) {
    // A question that was given up has an answer about other entries.
    guard asked == question else { return }
    asked = nil
    answer = (question, found, askedEntries)
  }

  /// Notes that there is no answer about comments. Another filter, or other data, is asked about again.
  mutating func fail(_ question: CommentQuestion) {
    if asked == question { asked = nil }
    unanswered = question
  }

  /// Asks about the comments, unless that is done, or another question is under way.
  private mutating func ask(_ filter: Filter?, _ resolved: ResolvedFilter, _ data: GroupData) {
    question = nil
    guard let filter, resolved.hasWords, texts.hasComments else { return }
    let present = CommentQuestion(filter: filter.description, sequence: data.sequence)
    question = present
    guard asked == nil, answer?.question != present, unanswered != present else { return }
    asked = present
    askedEntries = Dictionary(
      data.entries.map { ($0.id, Stamp($0)) }, uniquingKeysWith: { first, _ in first })
  }

  /// Returns `true` when an entry has a comment that meets the filter of the answer, or its own text does; `nil` when the answer of
  /// the server does not count: the entry has changed since, or no comment matters.
  private func isFound(_ entry: Entry) -> Bool? {
    guard entry.commentCount > 0, let question, let answer else { return nil }
    // An entry that was read after the question is in the answer while the group is the same.
    guard answer.entries[entry.id].map({ $0 == Stamp(entry) }) ?? (answer.question == question) else {
      return nil
    }
    return answer.found.contains(entry.id)
  }

  /// Forgets the texts, after a change of entries.
  mutating func forget() { texts = EntryTexts() }

  /// Returns the entries that meet the filter. O(bytes of their texts).
  mutating func matches(_ data: GroupData) -> ShownEntries {
    guard !isEmpty else {
      clear()
      return ShownEntries(data.entries)
    }
    let context = FilterContext(data, today: today)
    var resolved: ResolvedFilter?
    do {
      let filter = try Filter(field.text)
      resolved = try filter.resolved(in: context)
      (latest, problem) = (filter, nil)
    } catch {
      problem = error
      resolved = try? latest?.resolved(in: context)
    }
    guard let resolved else { return ShownEntries(data.entries) }
    texts.update(data)
    ask(latest, resolved, data)
    let isAnswered = question != nil && answer?.question.filter == question?.filter
    let found = texts.entries.indices.filter { place in
      if isAnswered, let isFound = isFound(texts.entries[place].entry) { return isFound }
      return resolved.matches(texts.entries[place]) { texts.has($0.bytes, at: place) }
    }
    return ShownEntries(data.entries, places: found)
  }
}

extension FilterContext {
  /// The names of a group.
  init(_ data: GroupData, today: Day) {
    self.init(
      members: data.members.map { Person(id: $0.id, name: $0.name, isPresent: $0.removedAt == nil) },
      me: data.group.me,
      categories: data.tree.map { Category(id: $0.id, name: $0.name, parent: $0.parent) }, today: today)
  }
}
