import KittyShared
import TestSupport
import Testing

@testable import KittyTUI

/// The filter of the entries that were read: each letter finds what the whole text finds.
struct EntrySearchTests {
  private static let today = Day("2026-11-29")!
  private static let words = ["dinner", "Dîner", "tea, 1.50", "rent 12", "Bob's rent", "taxi", "#3"]

  private static func entry(_ number: Int64, _ random: inout Seeded) -> Entry {
    MixedBooks.expense(
      number, words.randomElement(using: &random)! + " \(number)", .random(in: 1...9999, using: &random),
      day: "2026-11-2\(number % 9)", payers: [(Int(number % 3), 100)], shares: [100],
      note: words.randomElement(using: &random))
  }

  /// The entries that the whole text finds at once, without the letters before it.
  private static func found(_ text: String, _ data: GroupData) -> [Entry] {
    var search = EntrySearch()
    _ = search.edit(.paste(text), today: Self.today)
    return Array(search.matches(data))
  }

  @Test func eachLetterFindsWhatTheWholeTextFinds() throws {
    var random = Seeded(11)
    var data = MixedBooks.data
    var found = 0
    for _ in 0..<300 {
      data.entries = (1...40).map { Self.entry($0, &random) }
      var search = EntrySearch()
      let text = ["dinn", "din re", "1,5", "rent b", "#3", "#33", "ten", "nov 24", "4 din"].randomElement(
        using: &random)!
      for letter in text {
        _ = search.edit(.character(letter), today: Self.today)
        // Others delete and add entries meanwhile, and an entry is changed.
        switch Int.random(in: 0..<8, using: &random) {
        case 0: data.entries.removeFirst()
        case 1: data.entries.append(Self.entry(41, &random))
        case 2: data.entries.insert(Self.entry(42, &random), at: 0)
        case 3:
          data.entries[0] = Self.entry(data.entries[0].number, &random)
          search.forget()
        case 4:
          _ = search.edit(.backspace, today: Self.today)
          let fewer = Array(search.matches(data))
          #expect(search.problem != nil || fewer == Self.found(search.text, data))
          _ = search.edit(.character(letter), today: Self.today)
        default: break
        }
        let matches = Array(search.matches(data))
        // A text with a fault keeps the filter before it.
        guard search.problem == nil else { continue }
        #expect(matches == Self.found(search.text, data), "\(search.text)")
        found += matches.count
      }
    }
    #expect(found > 1000)
  }

  @Test func numberIsExact() {
    var random = Seeded(12)
    var data = MixedBooks.data
    data.entries = (1...20).map { Self.entry($0, &random) }
    #expect(Self.found("#1", data).map(\.number) == [1] && Self.found("#12", data).map(\.number) == [12])
    var search = EntrySearch()
    for letter in "#12" {
      _ = search.edit(.character(letter), today: Self.today)
      let numbers = search.matches(data).map(\.number)
      #expect(letter == "#" ? numbers.count == 20 : numbers.count == 1, "\(numbers)")
    }
  }

  @Test func conditionsAreThoseOfTheAPI() {
    var random = Seeded(13)
    var data = MixedBooks.data
    data.entries = (1...30).map { Self.entry($0, &random) }
    for text in ["amount:>50", "-dinner kind:expense", "(rent OR taxi) amount:<40", "has:note", "is:refund"] {
      let filter = try? Filter(text).resolved(in: FilterContext(data, today: Self.today))
      let expected = data.entries.filter { filter?.matches(FilteredEntry($0), comments: []) == true }
      #expect(Self.found(text, data) == expected, "\(text)")
    }
  }

  @Test func faultKeepsTheFilterBeforeIt() {
    var random = Seeded(14)
    var data = MixedBooks.data
    data.entries = (1...30).map { Self.entry($0, &random) }
    var search = EntrySearch()
    _ = search.edit(.paste("rent"), today: Self.today)
    let rents = Array(search.matches(data))
    #expect(!rents.isEmpty && rents.count < 30 && search.problem == nil)
    _ = search.edit(.paste(" colour:"), today: Self.today)
    #expect(Array(search.matches(data)) == rents && search.problem?.code == .unknownField)
    search.clear()
    #expect(search.matches(data).count == 30 && search.problem == nil)
  }

  @Test(arguments: [(80, 24), (40, 15), (20, 8)]) func faultIsShownWholeWithItsPlace(width: Int, height: Int)
  {
    var state = Fixtures.openGroup()
    _ = state.update(.resized(width: width, height: height), at: Fixtures.start)
    state.type("/foo:b")
    let words = state.text.split { $0.isWhitespace }.joined(separator: " ")
    guard height > 8 else { return #expect(words.contains("At characters"), "\(state.text)") }
    #expect(words.contains("At characters 1 to 3: There is no field \"foo\""), "\(state.text)")
    #expect(!words.contains("No entry is found"))
    state.press(.enter)
    #expect(state.text.contains("At characters 1 to 3:"), "\(state.text)")
  }

  /// Entries of which some have comments.
  private static var commented: GroupData {
    var random = Seeded(15)
    var data = MixedBooks.data
    data.entries = (Int64(1)...12).map { number in
      with(number % 3 == 0 ? 2 : 0, Self.entry(number, &random))
    }
    return data
  }

  /// Returns an entry with a number of comments.
  private static func with(_ comments: Int, _ entry: Entry) -> Entry {
    Entry(
      id: entry.id, number: entry.number, content: entry.content, createdBy: entry.createdBy,
      createdAt: entry.createdAt, changedAt: entry.changedAt, deletedAt: nil, commentCount: comments,
      version: 1)
  }

  @Test func answerCountsForUnchangedEntriesAlone() throws {
    var data = Self.commented
    let cleaning = MixedBooks.expense(
      13, "Cleaning", 100, day: "2026-11-20", payers: [(0, 100)], shares: [100])
    data.entries.append(cleaning)
    data.sequence = 5
    let sixth = try #require(data.entries.first { $0.number == 6 })
    var search = EntrySearch()
    _ = search.edit(.paste("cleaning"), today: Self.today)
    _ = search.matches(data)
    let asked = try #require(search.asked)
    search.receive([sixth.id], to: asked)
    #expect(Set(search.matches(data).map(\.number)) == [6, 13] && search.missing.string.isEmpty)
    // An older entry that is read later is in the answer.
    var older = data
    let earlier = MixedBooks.expense(
      14, "Cleaning too", 100, day: "2026-11-01", payers: [(0, 100)], shares: [100])
    older.entries.append(Self.with(1, earlier))
    search.forget()
    #expect(Set(search.matches(older).map(\.number)) == [6, 13], "the server has not found it")
    // A new comment changes nothing of what the text says.
    data.entries[data.entries.count - 1] = Self.with(1, cleaning)
    data.sequence = 6
    search.forget()
    #expect(Set(search.matches(data).map(\.number)) == [6, 13])
    #expect(search.missing.string == " …", "the answer is about an older state")
    let next = try #require(search.asked)
    #expect(next.sequence == 6)
    search.fail(next)
    #expect(Set(search.matches(data).map(\.number)) == [6, 13])
    #expect(search.missing.string == ", comments not searched")
  }

  @Test func answerToAQuestionThatWasGivenUpDoesNotCount() throws {
    let data = Self.commented
    var search = EntrySearch()
    _ = search.edit(.paste("receipt"), today: Self.today)
    _ = search.matches(data)
    let asked = try #require(search.asked)
    search.clear()
    search.receive(Set(data.entries.map(\.id)), to: asked)
    _ = search.edit(.paste("receipt"), today: Self.today)
    #expect(search.matches(data).isEmpty && search.missing.string == " …" && search.asked == asked)
  }

  /// The rows are those of the server for each filter, once it has answered.
  @Test(arguments: ["receipt", "-receipt", "rent OR receipt", "rent -receipt", "has:comment", "kind:expense"])
  func wordsOfCommentsAreFound(text: String) throws {
    let data = Self.commented
    func comments(_ entry: Entry) -> [String] { entry.number == 6 ? ["Where is the Receipt?"] : [] }
    let filter = try Filter(text).resolved(in: FilterContext(data, today: Self.today))
    let expected = data.entries.filter { filter.matches(FilteredEntry($0), comments: comments($0)) }
    var search = EntrySearch()
    _ = search.edit(.paste(text), today: Self.today)
    let before = Array(search.matches(data))
    guard let asked = search.asked else {
      #expect(before == expected && search.missing.string.isEmpty && !filter.hasWords)
      return
    }
    #expect(search.missing.string == " …")
    let query = try Filter(asked.query).resolved(in: FilterContext(data, today: Self.today))
    let found = data.entries.filter { query.matches(FilteredEntry($0), comments: comments($0)) }
    #expect(found.allSatisfy { $0.commentCount > 0 })
    search.receive(Set(found.map(\.id)), to: asked)
    #expect(Array(search.matches(data)) == expected && search.asked == nil && search.missing.string.isEmpty)
  }

  @Test func oneQuestionIsAskedAtATime() throws {
    var data = Self.commented
    var search = EntrySearch()
    _ = search.edit(.character("r"), today: Self.today)
    _ = search.matches(data)
    let first = try #require(search.asked)
    _ = search.edit(.paste("eceipt"), today: Self.today)
    _ = search.matches(data)
    #expect(search.asked == first)
    search.receive([], to: first)
    _ = search.matches(data)
    let second = try #require(search.asked)
    #expect(second.filter == "receipt" && second.query == "has:comment (receipt)")
    // Without an answer the rows say so, and the same is not asked again.
    search.fail(second)
    _ = search.matches(data)
    #expect(search.asked == nil && search.missing.string == ", comments not searched")
    data.sequence += 1
    _ = search.matches(data)
    #expect(search.asked?.sequence == data.sequence)
    let long = CommentQuestion(filter: Array(repeating: "x", count: 250).joined(separator: " "), sequence: 1)
    #expect(long.query == long.filter)
  }

  @Test func listAsksTheServerAboutComments() throws {
    var data = Self.commented
    let group = data.group
    data.sequence = 5
    var state = Fixtures.state(GroupScreen(group))
    state.get(.group(data))
    let asked = state.type("/receipt")
    let question = CommentQuestion(filter: "r", sequence: 5)
    #expect(asked.contains(.searchComments(group: group.id, question)), "\(asked)")
    let next = state.get(.commentsSearched(group: group.id, question, []))
    let whole = CommentQuestion(filter: "receipt", sequence: 5)
    #expect(next.contains(.searchComments(group: group.id, whole)) && state.text.contains("0 of 12 …"))
    #expect(state.text.contains("Searching comments…"), "\(state.text)")
    let entry = try #require(data.entries.first { $0.number == 6 })
    state.get(.commentsSearched(group: group.id, whole, [entry.id]))
    #expect(state.text.contains("1 of 12") && state.text.contains("#6"), "\(state.text)")
  }

  /// The place of a fault and all of its words are on the smallest screen that is promised, while it is typed and after.
  @Test(arguments: [
    "amount:12..5", "paid:zoe", "date:2026-13", "tag:7up", "foo:b", "(cafe",
    "\(String(repeating: "a", count: 60)):b",
  ])
  func faultIsReadToItsEnd(text: String) throws {
    var state = MixedBooks.state()
    _ = state.update(.resized(width: 40, height: 15), at: Fixtures.start)
    state.type("/" + text)
    let screen = try #require(state.top as? GroupScreen)
    let problem = try #require(screen.search.problem)
    let words = problem.description.filter { !$0.isWhitespace }
    #expect(state.text.filter { !$0.isWhitespace }.contains(words), "\(words) in \(state.text)")
    state.press(.enter)
    #expect(state.text.filter { !$0.isWhitespace }.contains(words), "\(words) in \(state.text)")
  }
}
