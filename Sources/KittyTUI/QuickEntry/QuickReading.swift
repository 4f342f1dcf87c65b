import KittyShared

/// A line of quick entry as far as it is understood. While it is typed, and when it is rejected, the parts that are
/// clear can be shown, and taken over into a form.
struct QuickReading: Sendable {
  /// The amount; `nil` while it is missing or not clear.
  private(set) var amount: Amount?
  /// The other words.
  private(set) var description = ""
  /// The date that the line names.
  private(set) var date: Day?
  /// The named payers, each with the text after its colon.
  private(set) var named: [(account: LedgerAccount, amount: String?)] = []
  /// The payers with their amounts; `nil` while they do not add up to the amount.
  private(set) var payers: [Payer]?
  /// The members who share it equally; `nil` for the default split of the group, without one for all members.
  private(set) var participants: [ID]?
  /// The words that are not clear, as they were typed.
  private(set) var unread: [String] = []
  /// The first reason for which the line is rejected.
  private(set) var refusal: QuickEntry.Refusal?
  private let today: Day

  /// Reads the parts of a line.
  init(_ line: String, in group: QuickGroup) {
    today = group.today
    let words: [QuickWord]
    do throws(QuickEntry.Refusal) { words = try QuickWord.words(of: line) } catch {
      refusal = error
      description = line.trimmed
      return
    }
    var texts = Texts()
    var with: [ID] = []
    var without: [ID] = []
    var sharers: [String] = []
    for (place, word) in words.enumerated() {
      do throws(QuickEntry.Refusal) {
        switch word {
        case .plain(let text): try texts.add(text, before: words.dropFirst(place + 1).first, in: group)
        case .quoted(let text): texts.addQuoted(text)
        case .person(.paid, let name, let amount): named.append((try group.account(name), amount))
        case .person(let sign, let name, let amount):
          guard amount == nil else {
            throw .init("Only a payer can have an amount: @\(name.text):\(amount ?? "").")
          }
          let member = try group.member(name)
          if sign == .with { with.append(member) } else { without.append(member) }
          sharers.append(word.text)
        }
      } catch {
        unread.append(word.text)
        refuse(error)
      }
    }
    do throws(QuickEntry.Refusal) {
      let found = try QuickAmount(in: texts.words, currency: group.currency)
      amount = found.amount
      texts.take(found, today: group.today)
    } catch {
      refuse(error)
    }
    description = texts.description
    date = texts.dates.first
    check(texts.dates)
    do throws(QuickEntry.Refusal) {
      if let amount { payers = try QuickEntry.payers(named, of: amount, group) }
    } catch {
      refuse(error)
    }
    do throws(QuickEntry.Refusal) {
      participants = try QuickEntry.participants(with, without, group)
    } catch {
      unread += sharers
      refuse(error)
    }
  }

  /// The entry of the line, if it is complete and clear.
  var entry: Result<QuickEntry, QuickEntry.Refusal> {
    guard refusal == nil, let amount, let payers else {
      return .failure(refusal ?? .init("The line is not complete.", isIncomplete: true))
    }
    return .success(
      QuickEntry(
        amount: amount, description: description, date: date ?? today, payers: payers,
        participants: participants))
  }

  private mutating func refuse(_ reason: QuickEntry.Refusal) { refusal = refusal ?? reason }

  private mutating func check(_ dates: [Day]) {
    // What was rejected before may be the description.
    if description.isEmpty, refusal == nil {
      refuse(
        .init(
          "The description is missing. Write what it was for, such as 42.50 dinner.", isIncomplete: true))
    }
    // The others stay in the description.
    unread += dates.dropFirst().map(\.description)
    if dates.count > 1 { refuse(.init("\(dates[0]) and \(dates[1]) are two dates. Write only one.")) }
  }
}

/// The words of a line that name no person.
private struct Texts {
  /// The words in which the amount is searched; `nil` stands for a text in quotation marks.
  private(set) var words: [String?] = []
  private(set) var dates: [Day] = []
  private var texts: [(index: Int, text: String)] = []

  var description: String { texts.map(\.text).joined(separator: " ") }

  /// Adds a word, or the date that it is. A date is skipped, so that a number after it still is the first word.
  /// - Parameter next: The word after it.
  /// - Throws: `QuickEntry.Refusal` for a date with two meanings.
  mutating func add(
    _ text: String, before next: QuickWord?, in group: QuickGroup
  ) throws(QuickEntry.Refusal) {
    guard let date = try group.date(text), date.spelling != .before else {
      texts.append((words.count, text))
      words.append(text)
      return
    }
    // The day of the week, or the sun in "sun cream".
    if date.spelling == .weekday, let next, try Self.isWord(next, in: group) {
      throw .init(
        "\"\(text)\" could be \(date.day.words(today: group.today)) or a word. Write it last for the day, or in quotation marks for the word."
      )
    }
    dates.append(date.day)
  }

  mutating func addQuoted(_ text: String) {
    texts.append((words.count, text))
    words.append(nil)
  }

  /// Takes the amount out of the words, and a date such as `-2`: a number that is not the amount.
  mutating func take(_ amount: QuickAmount, today: Day) {
    texts.removeAll { amount.indices.contains($0.index) }
    texts.removeAll { text in
      guard words[text.index] != nil, let date = try? TypedDay(text.text, today: today),
        date.spelling == .before
      else { return false }
      dates.append(date.day)
      return true
    }
  }

  /// `true` for a part of the description, which has no digit and is not a currency or a date.
  private static func isWord(_ word: QuickWord, in group: QuickGroup) throws(QuickEntry.Refusal) -> Bool {
    switch word {
    case .person: false
    case .quoted: true
    case .plain(let text):
      try group.date(text) == nil && !text.contains(where: \.isNumber)
        && !(text == text.uppercased() && Currency(code: text) != nil)
        && !group.currency.symbols.contains(text)
    }
  }
}
