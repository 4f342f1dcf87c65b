import KittyShared

/// The wishes of a user about a file of another program: what the file leaves open, and who is who.
struct ImportWishes: Hashable, Sendable {
  /// The program that wrote the file; `nil` to find it out.
  var format: ImportFormat?
  /// For a name in the file: the name or the id of a member, `me`, or the name of a new guest.
  var members: [String: String] = [:]
  /// For a role, such as `payer`: the title of the column of a table.
  var columns: [String: String] = [:]
  /// The currency of amounts without one, and of a new group.
  var currency: String?
  /// The mark before the decimals: `point` or `comma`.
  var decimal: String?
  /// The order of day and month: `dmy`, `mdy` or `ymd`.
  var dates: String?
  var encoding: String?
  /// `true` to import a file whose balances here would differ from those that it shows.
  var acceptsDifferences = false
  /// `true` to import entries although the group has others of the same day, text and amounts.
  var keepsTwins = false

  /// Returns the parameters of the request.
  func query(isDryRun: Bool) throws(ClientFailure) -> [(String, String)] {
    var query: [(String, String)] = []
    for (name, object) in [("map", members), ("columns", columns)] where !object.isEmpty {
      do { query.append((name, try JSON.text(of: object))) } catch {
        throw .unreadable("The request cannot be written: \(error)")
      }
    }
    let values: [(String, String?)] = [
      ("format", format?.rawValue), ("currency", currency), ("decimal", decimal), ("dates", dates),
      ("encoding", encoding), ("differences", acceptsDifferences ? "accept" : nil),
      ("twins", keepsTwins ? "keep" : nil),
      ("dryRun", isDryRun ? "true" : nil),
    ]
    return query + values.compactMap { name, value in value.map { (name, $0) } }
  }
}

extension NewGroup {
  /// The group that a file becomes: its name and currency are those of the file.
  /// - Parameters:
  ///   - report: The preview of the file.
  ///   - name: The name that the user wants; `nil` for that in the file, or else that of the file.
  init(id: ID, for report: ImportReport, name: String? = nil, path: String) {
    let there = report.name?.trimmed ?? ""
    let wished = name ?? (there.isEmpty ? Self.name(of: path) : there)
    self.init(id: id, name: wished.cut(to: 64), currency: report.currency)
  }

  /// Returns a name for a group of a file without one: that of the file, without its folder and its ending.
  static func name(of path: String) -> String {
    let last = path.split(separator: "/").last.map(String.init) ?? ""
    let stem = last.split(separator: ".").first.map(String.init) ?? last
    return path == "-" || stem.trimmed.isEmpty ? "Import" : stem
  }
}
