import KittyShared

extension FilterConditions {
  /// The texts of which each entry that meets a filter has one of each list: those that an index of trigrams can find, and
  /// some of those with one that it cannot find.
  func requiredTexts(_ filter: ResolvedFilter) -> (indexed: [[String]], others: [[String]]) {
    let all = Self.textsOfEach(filter)
    return (
      all.filter { $0.allSatisfy(isIndexed) },
      Array(all.filter { !$0.allSatisfy(isIndexed) }.prefix(Self.maxListed))
    )
  }

  private static func textsOfEach(_ filter: ResolvedFilter) -> [[String]] {
    switch filter {
    case .term(.text(let spellings, let accounts)):
      return accounts.isEmpty ? [spellings.map(\.text)] : []
    case .term(.tag(let tag)): return [[text(ofTag: tag)]]
    case .all(let operands): return operands.flatMap(textsOfEach)
    case .term, .not, .any: return []
    }
  }

  private static func isLongEnough(_ text: String) -> Bool { text.unicodeScalars.count >= 3 }

  /// Returns `true` for a text that the index of the texts finds. That of PostgreSQL is without the dates.
  private func isIndexed(_ text: String) -> Bool {
    Self.isLongEnough(text) && (dialect == .sqlite || !EntryTexts.mayBeInDate(text))
  }

  /// The marks of which each entry that meets a filter has one of each list.
  static func requiredMarks(_ filter: ResolvedFilter) -> [[String]] {
    switch filter {
    case .term(.paid(let accounts)) where accounts.count <= maxListed:
      [accounts.map { EntryTexts.mark($0, isPaying: true) }.sorted()]
    case .term(.with(let accounts)) where accounts.count <= maxListed: [marks(of: accounts)]
    case .term(.has(.items)): [["items"]]
    case .term(.has(.note)): [["note"]]
    case .term(.has(.receipt)): [["receipt"]]
    case .all(let operands): operands.flatMap(requiredMarks)
    case .term, .not, .any: []
    }
  }

  /// The first word that is also a part of names: each entry that meets the filter has one of the texts or one of the marks.
  private static func requiredWord(_ filter: ResolvedFilter) -> (texts: [String], marks: [String])? {
    switch filter {
    case .term(.text(let spellings, let accounts)):
      let texts = spellings.map(\.text)
      return (1...maxListed).contains(accounts.count) ? (texts, marks(of: accounts)) : nil
    case .all(let operands): return operands.lazy.compactMap(requiredWord).first
    case .term, .not, .any: return nil
    }
  }

  private static func marks(of accounts: Set<LedgerAccount>) -> [String] {
    accounts.flatMap { account in [true, false].map { EntryTexts.mark(account, isPaying: $0) } }.sorted()
  }

  /// Returns the query for candidates of a filter: the keys of the rows of texts, more than `maxCandidates` when there are
  /// many, and then some of them twice. `nil` for a filter that requires neither a text nor a mark.
  ///
  /// It asks, in this order, until the answer is small enough: the index of marks, the index of trigrams for all texts
  /// that it has, and for others, shorter ones or parts of dates, the list of all trigrams (SQLite), and the texts of the
  /// group, which are few bytes beside its entries.
  func candidates(_ filter: ResolvedFilter, in group: ID) -> SQL? {
    let (texts, others) = requiredTexts(filter)
    var questions: [Question] = []
    let marks = Self.requiredMarks(filter)
    if !marks.isEmpty {
      questions.append { limited(marked(marks, in: group), $0) }
    } else if let word = Self.requiredWord(filter) {
      questions.append {
        """
        \(part: withComments(own([word.texts], in: group), [word.texts], in: group, $0))
        union all \(part: limited(marked([word.marks], in: group), $0))
        """
      }
    }
    if !texts.isEmpty { questions.append { withComments(own(texts, in: group), texts, in: group, $0) } }
    if dialect == .sqlite {
      questions += others.filter { $0.allSatisfy(Self.beginsTrigrams) }.prefix(2).map { texts in
        { withComments(beginning(texts), [texts], in: group, $0) }
      }
    }
    if !others.isEmpty { questions.append { withComments(scan(others, in: group), others, in: group, $0) } }
    return firstSmall(questions)
  }

  /// Returns a query with at most a number of rows in each of its parts; a row can be there several times.
  private typealias Question = (_ limit: SQL) -> SQL

  /// Returns the query for the first answer that is small enough, or for the last one.
  private func firstSmall(_ questions: [Question]) -> SQL? {
    guard !questions.isEmpty else { return nil }
    let names: [SQL] = ["first", "second", "third", "fourth", "fifth"]
    let most = maxCandidates + 1
    var (tables, answers, last): ([SQL], [SQL], SQL) = ([], [], "")
    var earlierAreLarge: SQL?
    for (name, question) in zip(names, questions) {
      let count: SQL = "(select count(*) from \(part: name))"
      // SQLite fills each of the tables, also those that are not needed: then the limit has nothing read. PostgreSQL fills
      // those that are needed, and its plan follows from the limit.
      let limit: SQL =
        if dialect == .sqlite, let earlierAreLarge {
          "(case when \(part: earlierAreLarge) then \(most) else 0 end)"
        } else {
          "\(most)"
        }
      let reached: SQL = earlierAreLarge.map { "\(part: $0) and " } ?? ""
      tables.append("\(part: name) as materialized (\(part: question(limit)))")
      answers.append(
        "select distinct id from \(part: name) where \(part: reached)\(part: count) <= \(maxCandidates)")
      earlierAreLarge = "\(part: reached)\(part: count) > \(maxCandidates)"
      last = "select id from \(part: name) where \(part: reached)\(part: count) > \(maxCandidates)"
    }
    var query: SQL = "with \(list: tables) \(part: answers[0])"
    for answer in answers.dropFirst() + [last] { query.append(" union all \(part: answer)") }
    return query
  }

  /// Adds the candidates that have one text of each list in a comment: an entry has all of them itself, or one of them there.
  private func withComments(_ own: SQL, _ required: [[String]], in group: ID, _ limit: SQL) -> SQL {
    let own = limited(own, limit)
    // No comment has the tag of an entry.
    let texts = required.flatMap { $0.filter { $0.utf8.first != UInt8(ascii: "\t") } }
    return texts.isEmpty
      ? own : "\(part: own) union all \(part: limited(ofComments(texts, in: group), limit))"
  }

  private func limited(_ query: SQL, _ limit: SQL) -> SQL {
    "select id from (\(part: query) limit \(part: limit)) found"
  }

  /// The candidates with one mark of each list.
  private func marked(_ required: [[String]], in group: ID) -> SQL {
    switch dialect {
    case .sqlite:
      let match = required.map { marks in "(\(marks.map { "\"\($0)\"" }.joined(separator: " OR ")))" }
      return """
        select rowid as id from entry_texts_marks where entry_texts_marks match \(match.joined(separator: " AND "))
        """
    case .postgres:
      let conditions = required.map { marks in
        "string_to_array(t.marks, ' ') && string_to_array(\(marks.joined(separator: " ")), ' ')" as SQL
      }
      return """
        select t.entry_id as id from entry_texts t
        where t.group_id = \(group) and \(part: joined(conditions[...], by: " and "))
        """
    }
  }

  /// The candidates with one text of each list of their own: by the index, or among all texts where it does not find one.
  private func own(_ required: [[String]], in group: ID) -> SQL {
    guard required.joined().allSatisfy(isIndexed) else { return scan(required, in: group) }
    switch dialect {
    case .sqlite:
      let match = required.map { texts in "(\(texts.map(Self.trigrams).joined(separator: " OR ")))" }
      // Rows of other groups among them count as well; so does each row that has the trigrams without the text.
      return """
        select rowid as id from entry_texts_trigrams
        where entry_texts_trigrams match \(match.joined(separator: " AND "))
        """
    case .postgres:
      let conditions = required.map { like(EntryTexts.undated, $0) }
      return """
        select t.entry_id as id from entry_texts t
        where t.group_id = \(group) and \(part: joined(conditions[...], by: " and "))
        """
    }
  }

  /// Returns `true` for a text that begins a trigram wherever it is: the rows end with a line end, so a text of two letters has
  /// a third one after it.
  private static func beginsTrigrams(_ text: String) -> Bool { text.unicodeScalars.count >= 2 }

  /// The candidates with one of some texts that begin trigrams, on SQLite. Rows of other groups among them count as well.
  private func beginning(_ texts: [String]) -> SQL {
    let ranges = texts.map { text -> SQL in
      let start = String(String.UnicodeScalarView(text.unicodeScalars.prefix(3)))
      return """
        select doc as id from entry_texts_terms where term >= \(start) and term <= \(start + "\u{10FFFF}")
        """
    }
    return ranges.dropFirst().reduce(ranges[0]) { "\(part: $0) union all \(part: $1)" }
  }

  /// The candidates with one text of each list, among all rows of texts of a group, which are read.
  private func scan(_ required: [[String]], in group: ID) -> SQL {
    let conditions = required.map { texts in
      dialect == .postgres
        ? like("t.own", texts) : joined(texts.map { contains("t.own", $0) }[...], by: " or ")
    }
    let condition = joined(conditions[...], by: " and ")
    switch dialect {
    case .postgres:
      return "select t.entry_id as id from entry_texts t where t.group_id = \(group) and \(part: condition)"
    case .sqlite:
      // The rows of an import lie beside each other, but not in the order of their entries. Such a group is read from its
      // first row to its last: by the index, 100,000 rows take eight times as long.
      return """
        with place as materialized (
          select min(id) as first, max(id) as last, count(*) * 4 as near from entry_texts where group_id = \(group))
        select t.id from place p cross join entry_texts t
        where p.last - p.first < p.near and t.id between p.first and p.last and +t.group_id = \(group)
          and \(part: condition)
        union all
        select t.id from place p cross join entry_texts t
        where p.last - p.first >= p.near and t.group_id = \(group) and \(part: condition)
        """
    }
  }

  /// The candidates with a comment that has one of some texts.
  private func ofComments(_ texts: [String], in group: ID) -> SQL {
    guard texts.allSatisfy(Self.isLongEnough) else {
      let conditions = joined(texts.map { contains("c.text", $0) }[...], by: " or ")
      return switch dialect {
      case .postgres:
        "select c.entry_id as id from comment_texts c where c.group_id = \(group) and \(part: conditions)"
      case .sqlite:
        """
        select t.id from comment_texts c cross join entry_texts t
        where c.group_id = \(group) and \(part: conditions) and t.group_id = c.group_id and t.entry_id = c.entry_id
        """
      }
    }
    return switch dialect {
    case .sqlite:
      """
      select t.id from comment_texts_trigrams cross join comment_texts c cross join entry_texts t
      where comment_texts_trigrams match \(texts.map(Self.trigrams).joined(separator: " OR ")) and c.id = comment_texts_trigrams.rowid
        and c.group_id = \(group) and t.group_id = c.group_id and t.entry_id = c.entry_id
      """
    case .postgres:
      "select c.entry_id as id from comment_texts c where c.group_id = \(group) and \(part: like("c.text", texts))"
    }
  }

  private func like(_ column: SQL, _ texts: [String]) -> SQL {
    joined(texts.map { "\(part: column) like \("%\(Self.escaped($0))%")" as SQL }[...], by: " or ")
  }

  /// Returns the query of the full-text index for the trigrams of a text.
  private static func trigrams(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    // Ten in a row tell enough; the condition compares the whole text.
    let parts = (0..<min(scalars.count - 2, 10)).map { start in
      var part = String.UnicodeScalarView()
      part.append(contentsOf: scalars[start..<start + 3])
      return "\"\(String(part).replacingScalars { $0 == "\"" ? "\"\"" : nil })\""
    }
    return "(\(parts.joined(separator: " AND ")))"
  }

  private static func escaped(_ text: String) -> String {
    text.replacingScalars { ["%": "\\%", "_": "\\_", "\\": "\\\\"][$0] }
  }
}
